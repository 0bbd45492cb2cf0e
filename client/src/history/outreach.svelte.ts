/** The words of the outreach room: many, and few histories need them, so they come with the first that does. */
type Words = typeof import("../outreach/history");

const KINDS = new Set(["outreach", "outreach_reason", "outreach_hours", "chain"]);

let held = $state.raw<Words | null>(null);

/** Null until they have been fetched. */
export const outreachWords = (): Words | null => held;

export async function fetchWordsOf(kind: string): Promise<void> {
  if (KINDS.has(kind)) held ??= await import("../outreach/history");
}
