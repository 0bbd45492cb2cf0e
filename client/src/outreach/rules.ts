/** Pure rules of the outreach pages: what leads the board, where a case stands on its chain, what comes next. */
import type { ChainStep, Outreach, OutreachAttempt, CaseState, StepChannel } from "../gen/api";
import { isOpen } from "./state";

/** States that a board can be narrowed to, the most pressing first. */
export const OPEN_STATES = ["decision", "ours", "running", "returning"] as const satisfies CaseState[];

export interface Wanted {
  state: CaseState | "";
  reason_id: string;
  shop_id: string;
  /** Typed: any part of what a case says. */
  words: string;
}

/** Open cases that fit, decisions first, then what acts next; of the same time the older case. */
export function arrange(
  rows: readonly Outreach[],
  wanted: Wanted,
  textOf: (row: Outreach) => string,
  isOwn: (row: Outreach) => boolean = () => false,
): Outreach[] {
  const words = wanted.words.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  const fits = (row: Outreach): boolean => {
    if (!isOpen(row) || (wanted.state !== "" && row.state !== wanted.state)) return false;
    if (wanted.reason_id !== "" && row.reason_id !== wanted.reason_id) return false;
    if (wanted.shop_id !== "" && row.shop_id !== wanted.shop_id) return false;
    if (words.length === 0) return true;
    const hay = `${textOf(row)}\n${row.about}\n${row.order_number}`.toLocaleLowerCase();
    return words.every((word) => hay.includes(word));
  };
  const rank = (row: Outreach): number => (row.state === "decision" ? 0 : isOwn(row) ? 1 : 2);
  const time = (row: Outreach): number => actsAt(row) ?? Number.MAX_SAFE_INTEGER;
  return rows
    .filter(fits)
    .sort(
      (a, b) =>
        rank(a) - rank(b) || time(a) - time(b) || a.created_at - b.created_at || (a.id < b.id ? -1 : 1),
    );
}

/** When something happens next, in UTC ms. */
export const actsAt = (row: Outreach): number | null =>
  row.state === "returning" ? row.return_by : row.state === "decision" ? row.decide_at : row.next_at;

/** The step that follows another; null when the chain ends there. */
export function nextOf(steps: readonly ChainStep[], index: number): number | null {
  const step = steps[index];
  if (!step || step.then === "end") return null;
  const next = step.then === "" ? index + 1 : steps.findIndex((one) => one.id === step.then);
  return next >= 0 && next < steps.length ? next : null;
}

/** The step that acts at `next_at`: after a step that only waits, the one behind it. */
export function nextStep(row: Outreach): number | null {
  return row.phase === "waiting" ? nextOf(row.steps, row.step) : row.step;
}

/** The channel of what happens next; several while it is not known which of them will reach the buyer. */
export function nextChannels(row: Outreach): StepChannel[] {
  if (row.phase !== "waiting" && row.channel) return [row.channel];
  const index = nextStep(row);
  return index === null ? [] : (row.steps[index]?.channels ?? []);
}

export interface Mark {
  step: ChainStep;
  index: number;
  channel: StepChannel;
  at: "done" | "now" | "todo";
  /** The last that was tried. */
  last: OutreachAttempt | undefined;
}

/** Things that happen beside the steps: nobody has worked on one. */
const BESIDE = new Set(["inbound", "moved"]);

/** Every step of the chain, and where the case stands. */
export function marksOf(row: Outreach): Mark[] {
  const begun = row.state === "running" || row.state === "ours";
  return row.steps.map((step, index) => {
    const last = row.log.find((one) => one.step === index && !BESIDE.has(one.result));
    const isNow = begun && index === row.step && row.phase !== "waiting";
    const isPast = index < row.step || (index === row.step && !isNow) || last !== undefined;
    const channel = last?.channel ?? (isNow ? row.channel : null) ?? step.channels[0] ?? "supervisor";
    return { step, index, channel, at: isNow ? "now" : isPast ? "done" : "todo", last };
  });
}

/** The steps still to come in their order, to ask when they would happen. */
export function remaining(row: Outreach): ChainStep[] {
  const rest: ChainStep[] = [];
  let index = nextStep(row);
  // A chain may lead back; no step comes twice here.
  while (index !== null && !rest.includes(row.steps[index]!)) {
    rest.push({ ...row.steps[index]!, then: "" });
    index = nextOf(row.steps, index);
    if (index !== null && rest.some((one) => one.id === row.steps[index!]!.id)) index = null;
  }
  return rest;
}
