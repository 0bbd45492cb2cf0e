/** Stored values as people read them; reactive on the language and on the names of rows. */
import { language, maybe, t, text } from "../core/i18n";
import { formatAt, formatDay } from "../core/time";
import { buyerName } from "../customers/words";
import type { Text } from "../gen/api";
import { clock } from "../lib/clock.svelte";
import { data } from "../lib/data.svelte";
import "../shell/commands_zh";
import { sortOf, type LinkKind } from "./diff";
import { outreachWords } from "./outreach.svelte";
import "./pages_zh";

const isText = (value: unknown): value is Text =>
  typeof value === "object" && value !== null && "zh" in value && "en" in value;

const isDay = (value: unknown): value is string =>
  typeof value === "string" && /^\d{4}-\d\d-\d\d$/.test(value);

/** A field's name; one that is newer than this client is shown under its own. */
export const label = (field: string): string => maybe(`history.field.${field}`) ?? field;

/** What was done; the system's own commands have no name in the shell. */
export const command = (name: string): string =>
  maybe(`command.${name}`) ?? maybe(`history.command.${name}`) ?? name;

function nameOf(kind: LinkKind, id: string): string {
  if (kind === "customer") return buyerName(id);
  const row = data.get(kind, id);
  if (!row) return id.slice(-6);
  return isText(row.name) ? text(row.name) : row.name;
}

/** One line of a checklist, one note, one step of a chain. */
function item(value: Record<string, unknown>): string {
  if ("done" in value && isText(value["text"])) return `${value["done"] ? "☑" : "☐"} ${text(value["text"])}`;
  const ofOutreach = outreachWords()?.itemText(value);
  if (ofOutreach) return ofOutreach;
  if ("author_id" in value)
    return `${nameOf("person", String(value["author_id"]))}：${String(value["text"])}`;
  return JSON.stringify(value);
}

/** `of`: the kind of the row. */
export function words(field: string, value: unknown, of = ""): string {
  if (typeof value === "boolean") return t(value ? "ui.yes" : "ui.no");
  if (isText(value)) return text(value);
  const sort = sortOf(field, of);
  if (Array.isArray(value)) return value.map((one) => words(field, one, of)).join("、");
  if (typeof value === "object" && value !== null) return item(value as Record<string, unknown>);
  if (sort.kind === "instant" && typeof value === "number") return formatAt(value, language(), clock.zone);
  if (sort.kind === "minutes") return t("history.minutes", { n: Number(value) });
  if (sort.kind === "place") return t("chains.step_n", { n: Number(value) + 1 });
  if (field === "outcome") return outreachWords()?.outcomeText({ outcome: String(value) }) ?? String(value);
  if (sort.kind === "link") return nameOf(sort.to, String(value));
  if (sort.kind === "word") return maybe(sort.prefix + String(value)) ?? String(value);
  return isDay(value) ? formatDay(value, language()) : String(value);
}

/** What a history is about, by the name of the thing while the device knows it. */
export function subject(kind: string, id: string): string {
  const name = maybe(`history.kind.${kind}`) ?? kind;
  if (kind === "box") {
    const box = data.get("box", id);
    return box ? `${name} · ${text(box.title)}` : name;
  }
  if (kind === "assignment") {
    const row = data.get("assignment", id);
    return row ? `${name} · ${nameOf("person", row.person_id)} ${formatDay(row.day, language())}` : name;
  }
  if (kind === "outreach") {
    const row = data.get("outreach", id);
    const said = row && outreachWords()?.caseName(row);
    return said ? `${name} · ${said}` : name;
  }
  if (
    kind === "person" ||
    kind === "team" ||
    kind === "shop" ||
    kind === "seat" ||
    kind === "shift_type" ||
    kind === "skill" ||
    kind === "outreach_reason" ||
    kind === "chain"
  )
    return `${name} · ${nameOf(kind, id)}`;
  return name;
}
