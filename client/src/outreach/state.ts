/** What may be done to an outreach case and what that makes of it, as far as this device can tell: the server plans the steps. Pure. */
import { DAY } from "../core/time";
import type {
  Decision,
  Outreach,
  OutreachAnswer,
  OutreachAttempt,
  OutreachState,
  RefusalCode,
} from "../gen/api";

/** The log that a case brings along. */
export const LOG_SHOWN = 40;

/** A case after a step, or why there is none. */
export type Outcome = Outreach | RefusalCode;

const OPEN: readonly OutreachState[] = ["running", "ours", "decision", "returning"];

export const isOpen = (row: Pick<Outreach, "state">): boolean => OPEN.includes(row.state);

/** Nothing is planned any more, on this device: the server may plan anew. */
const halted = (row: Outreach, state: OutreachState): Outreach => ({
  ...row,
  state,
  phase: "planned",
  channel: null,
  next_at: null,
  callback_id: null,
  decide_at: state === "decision" ? row.decide_at : null,
});

const ended = (row: Outreach, state: OutreachState, at: number, outcome: string): Outreach => ({
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

/** The buyer has answered, by whatever way: the chain stops at once. */
export function answer(row: Outreach, args: OutreachAnswer, author_id: string, at: number): Outcome {
  if (!isOpen(row)) return "wrong_state";
  const { channel, note } = args;
  const after = noted(row, { channel, result: "inbound", author_id, note, at });
  return args.then === "ours" ? halted(after, "ours") : ended(after, "answered", at, note);
}

/** Pauses the chain while it is the shop's own turn, or goes on with it. */
export function turn(row: Outreach, ours: boolean): Outcome {
  if (!isOpen(row) || row.state === "returning") return "wrong_state";
  if (ours === (row.state === "ours")) return row;
  if (!ours) return halted(row, "running");
  return halted(row, "ours");
}

export function close(row: Outreach, reason: string, at: number): Outcome {
  if (reason === "") return "reason_required";
  return isOpen(row) ? ended(row, "closed", at, reason) : "wrong_state";
}

/** The parcel that was sent back has arrived. */
export const returned = (row: Outreach, note: string, at: number): Outcome =>
  row.state === "returning" ? ended(row, "returned", at, note) : "wrong_state";

/** What a supervisor makes of a buyer of whom nothing was heard for days (row 99). */
export function decide(row: Outreach, decision: Decision, at: number, return_days: number): Outcome {
  if (row.state !== "decision") return "wrong_state";
  if (decision === "close") return ended(row, "closed", at, "");
  if (decision === "go_on") return halted(row, "running");
  return { ...halted(row, "returning"), return_by: at + return_days * DAY };
}
