/** What changed between two recorded images of a row, field by field, in words. Pure. */
export type Row = Record<string, unknown>;
/** An empty text stands for "nothing there". */
export type Change = { field: string; before: string; after: string };

/** Turns a stored value into words. */
export type Words = (field: string, value: unknown) => string;

/** Fields that follow from others or say nothing to a reader. */
const SILENT = new Set([
  "id",
  "version",
  "workspace_id",
  "zone",
  "starts_at",
  "ends_at",
  "former_ids",
  "callback_id",
]);

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
const empty = (value: unknown): boolean =>
  value === null || value === undefined || value === "" || (Array.isArray(value) && value.length === 0);

const isList = (value: unknown): value is Row[] =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.every((item) => typeof item === "object" && item !== null);

/** A list such as a checklist or the notes is compared item by item, so that one tick does not repeat the whole list. */
function items(before: unknown, after: unknown): { before: unknown; after: unknown }[] {
  const key = (item: Row, i: number): string => String(item["id"] ?? i);
  const old = new Map((isList(before) ? before : []).map((item, i) => [key(item, i), item]));
  const now = new Map((isList(after) ? after : []).map((item, i) => [key(item, i), item]));
  return [...new Set([...old.keys(), ...now.keys()])].map((id) => ({
    before: old.get(id),
    after: now.get(id),
  }));
}

/** A new or deleted row lists what it holds; a changed one only what is different. */
export function changes(before: Row | null, after: Row | null, words: Words): Change[] {
  const fields = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  return fields
    .filter((field) => !SILENT.has(field))
    .flatMap((field) => {
      const pair = { before: before?.[field], after: after?.[field] };
      const pairs = isList(pair.before) || isList(pair.after) ? items(pair.before, pair.after) : [pair];
      return pairs.map((one) => ({ field, ...one }));
    })
    .filter(({ before, after }) => !same(before, after) && !(empty(before) && empty(after)))
    .map(({ field, before, after }) => ({
      field,
      before: empty(before) ? "" : words(field, before),
      after: empty(after) ? "" : words(field, after),
    }));
}

export type LinkKind =
  "person" | "team" | "shop" | "seat" | "shift_type" | "skill" | "customer" | "outreach_reason" | "chain";

/** What a field holds, so that it can be shown as people read it. */
export type Sort =
  | { kind: "instant" }
  | { kind: "minutes" }
  /** A place in a list, counted from 0. */
  | { kind: "place" }
  | { kind: "link"; to: LinkKind }
  | { kind: "word"; prefix: string }
  | { kind: "plain" };

const LINKS: Record<string, LinkKind> = {
  person_id: "person",
  assignee_id: "person",
  finished_by: "person",
  started_by: "person",
  created_by: "person",
  team_id: "team",
  shop_id: "shop",
  seat_id: "seat",
  skill_ids: "skill",
  shift_type_id: "shift_type",
  customer_id: "customer",
  reason_id: "outreach_reason",
  chain_id: "chain",
};

/** Fields of a closed set of values, and where their names stand in the text tables; of one kind of row, or of all. */
const WORDS: Record<string, string> = {
  role: "role.",
  platform: "team.platform.",
  quadrant: "board.q.",
  state: "board.standing.",
  kind: "board.kind.",
  origin: "history.origin.",
  catch_up: "history.catch_up.",
  channel: "outreach.channel.",
  phase: "history.phase.",
  whom: "history.whom.",
  "outreach/state": "outreach.state.",
};

export function sortOf(field: string, of = ""): Sort {
  // The hour of the daily mail is a local time, not an instant.
  if ((field.endsWith("_at") && field !== "tomorrow_mail_at") || field === "return_by")
    return { kind: "instant" };
  if (field === "step") return { kind: "place" };
  if (field.endsWith("_min")) return { kind: "minutes" };
  const to = LINKS[field];
  if (to) return { kind: "link", to };
  const prefix = WORDS[`${of}/${field}`] ?? WORDS[field];
  return prefix ? { kind: "word", prefix } : { kind: "plain" };
}
