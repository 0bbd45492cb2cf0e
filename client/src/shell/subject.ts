/** What a refused change was about, in a few words. */
import { t, text } from "../core/i18n";
import { subjectOf as buyer } from "../customers/subject";
import type { Reject, Text } from "../gen/api";
import { data } from "../lib/data.svelte";
import { subjectOf as outreach } from "../outreach/subject";

/** The thing a refused edit was about, in a few words; empty when nothing is known of it. */
export function subject(reject: Reject): string {
  const args = reject.args as Record<string, unknown>;
  const [kind = ""] = reject.name.split(".");
  const id = typeof args["id"] === "string" ? args["id"] : null;
  if (kind === "box") return title(args["title"]) || title(data.get("box", id)?.title);
  if (kind === "person") return title(args["name"]) || (data.get("person", id)?.name ?? "");
  if (reject.name === "roster.set") return roster(args);
  if (["customer", "contact", "callback", "campaign"].includes(kind)) return buyer(reject.name, args);
  if (kind.startsWith("outreach") || kind === "chain") return outreach(reject.name, args);
  return title(args["name"]) || title(args["title"]);
}

function roster(args: Record<string, unknown>): string {
  const put = Array.isArray(args["put"]) ? (args["put"] as { person_id?: string; day?: string }[]) : [];
  const first = put[0];
  if (!first) return "";
  const who = data.get("person", first.person_id)?.name ?? "";
  const rest = put.length > 1 ? ` · ${t("attention.more", { n: put.length - 1 })}` : "";
  return `${who} ${first.day ?? ""}${rest}`.trim();
}

function title(value: unknown): string {
  if (typeof value === "string") return value;
  const both = value as Text | undefined;
  return typeof both?.zh === "string" ? text(both) : "";
}
