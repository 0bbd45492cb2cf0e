/** What may be done to an outreach case and what that makes of it, as far as this device can tell: the server plans the steps. Pure. */
import { DAY } from "../core/time";
import type {
  CaseState,
  Decision,
  Outreach,
  OutreachAnswer,
  OutreachAttempt,
  OutreachHours,
  RefusalCode,
} from "../gen/api";

/** The log that a case brings along. */
export const LOG_SHOWN = 40;

/** Until the server has said for how long a parcel may be on its way back. */
const RETURN_DAYS = 7;

/** For how long a parcel of a shop may be on its way back: the shop's own days, or those of all shops. */
export function returnDays(all: readonly OutreachHours[], shop_id: string | null): number {
  const own = all.find((row) => row.shop_id === shop_id) ?? all.find((row) => row.shop_id === null);
  return own?.return_days ?? RETURN_DAYS;
}

/** A case after a step, or why there is none. */
export type Outcome = Outreach | RefusalCode;

const OPEN: readonly CaseState[] = ["running", "ours", "decision", "returning"];

export const isOpen = (row: Pick<Outreach, "state">): boolean => OPEN.includes(row.state);

/** Whether a case that has ended can go on: not one whose parcel is back. */
export const mayGoOn = (row: Pick<Outreach, "state">): boolean =>
  row.state === "answered" || row.state === "closed";

/** Nothing is planned any more, on this device: the server may plan anew. */
const halted = (row: Outreach, state: CaseState): Outreach => ({
  ...row,
  state,
  phase: "planned",
  channel: null,
  next_at: null,
  callback_id: null,
  decide_at: state === "decision" ? row.decide_at : null,
});

const ended = (row: Outreach, state: CaseState, at: number, outcome: string): Outreach => ({
  ...halted(row, state),
  closed_at: at,
  outcome,
});

/** One more line of the log, the newest first. */
function noted(row: Outreach, entry: Omit<OutreachAttempt, "id" | "step" | "minutes">): Outreach {
  const id = `${row.id}/${entry.at}`;
  const log = [{ id, step: row.step, minutes: null, ...entry }, ...row.log];
  return { ...row, log: log.slice(0, LOG_SHOWN) };
}

/**
 * The buyer has answered, by whatever way: the chain stops at once. A parcel comes back all the same; and what has ended
 * has ended.
 */
export function answer(row: Outreach, args: OutreachAnswer, author_id: string, at: number): Outreach {
  const { channel, note } = args;
  const after = noted(row, { channel, result: "inbound", author_id, note, at });
  if (!isOpen(row) || row.state === "returning") return after;
  if (args.then === "done") return ended(after, "answered", at, "inbound");
  return row.state === "ours" ? after : halted(after, "ours");
}

/** Pauses the chain while it is the shop's own turn, or goes on with it, also after a case was ended too early. */
export function turn(row: Outreach, ours: boolean): Outcome {
  if (row.state === (ours ? "ours" : "running")) return row;
  if (ours) return row.state === "running" ? halted(row, "ours") : "wrong_state";
  if (row.state !== "ours" && !mayGoOn(row)) return "wrong_state";
  return { ...halted(row, "running"), closed_at: null, outcome: "" };
}

/** A supervisor does not wait for the next step; `step` is the one that they saw. */
export const next = (row: Outreach, step: number): Outcome =>
  row.state === "running" && row.step === step && row.next_at !== null
    ? halted(row, "running")
    : "wrong_state";

/** Closing twice changes nothing. */
export function close(row: Outreach, reason: string, at: number): Outcome {
  if (reason === "") return "reason_required";
  return isOpen(row) ? ended(row, "closed", at, reason) : row;
}

/** The parcel that was sent back has arrived. */
export const returned = (row: Outreach, note: string, at: number): Outcome =>
  row.state === "returning" ? ended(row, "returned", at, note) : "wrong_state";

/** What a supervisor makes of a buyer of whom nothing was heard for days (row 99). */
export function decide(row: Outreach, decision: Decision, at: number, return_days: number): Outcome {
  if (row.state !== "decision") return "wrong_state";
  if (decision === "close") return ended(row, "closed", at, decision);
  if (decision === "go_on") return { ...halted(row, "running"), step: 0 };
  const return_by = at + return_days * DAY;
  return { ...halted(row, "returning"), return_by, next_at: return_by };
}
