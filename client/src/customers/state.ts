/** What may be done to callbacks and what that makes of them: the server's `customers/rules.rs` and `mask.rs`. Pure. */
import { addDays, at as instant, dayOf, daysBetween, hmOf, MINUTE } from "../core/time";
import type { Callback, Channel, Contact, ContactResult, Level, Person, RefusalCode } from "../gen/api";

export const TEXT_MAX = 2000;
export const WORD_MAX = 200;
export const LIST_MAX = 50;
export const GAP_MAX = 3660;
/** The contacts a card brings along; all others are asked for. */
export const CONTACTS_SHOWN = 20;
/** The one row that says for how long buyers are kept, and its bounds in months. */
export const RETENTION = "customers";
export const KEEP = { min: 6, max: 120 };
/** The longest campaign, both of its ends included. */
export const CAMPAIGN_DAYS = 92;
/** The largest file that can be kept with a buyer, in bytes. */
export const FILE_MAX = 8 * 1024 * 1024;
/** The reminder before a callback is due. */
export const SOON_MS = 10 * MINUTE;
const BUSY_WAIT = 15 * MINUTE;
const NO_ANSWER_WAIT = 120 * MINUTE;
const ATTEMPTS_A_DAY = 2;
/** After so many tries a supervisor decides how to go on. */
const ATTEMPTS_MAX = 6;
const WINDOW = 30 * MINUTE;
/** The preferred hour of a day for another try by phone (row 86). */
const EVENING = "18:00";

export const LEVELS: readonly Level[] = ["calm", "soon", "due", "mates", "supervisor"];
export const CHANNELS: readonly Channel[] = ["phone", "im", "sms", "email", "other"];

/** A row after a step, or why there is none. */
export type Outcome = Callback | RefusalCode;

export const isRefused = <T>(outcome: T | RefusalCode): outcome is RefusalCode => typeof outcome === "string";

export const isOpen = (row: Callback): boolean => row.state === "open";

/** Whether the buyer was in fact reached: only that restarts the VIP clock. */
export const isReal = (result: ContactResult): boolean =>
  result === "reached" || result === "later" || result === "inbound";

/** A try that did not get through. */
/** A chain asked for it: the chain plans it and takes it back, an agent only hands it on. */
export const isOfChain = (row: Callback): boolean => row.kind === "outreach";

export const isTry = (result: ContactResult): boolean =>
  result === "no_answer" || result === "busy" || result === "wrong_number";

/** When a buyer may be contacted this way, local times; messages are read when the buyer likes. */
export const hoursOf = (channel: Channel): { from: string; until: string } =>
  channel === "phone" ? { from: "09:00", until: "20:30" } : { from: "00:00", until: "24:00" };

export function isInside(ms: number, channel: Channel, zone: string): boolean {
  const { from, until } = hoursOf(channel);
  const hm = hmOf(ms, zone);
  return from <= hm && hm < until;
}

/** The first instant from `ms` on at which the buyer may be contacted this way. */
export function intoWindow(ms: number, channel: Channel, zone: string): number {
  if (isInside(ms, channel, zone)) return ms;
  const { from } = hoursOf(channel);
  const day = dayOf(ms, zone);
  const opens = instant(day, from, zone);
  return opens >= ms ? opens : instant(addDays(day, 1), from, zone);
}

/** A promise lies ahead, and inside the hours of its channel. A minute of grace for slow thumbs. */
export function promiseRefusal(
  due_at: number,
  made_at: number,
  channel: Channel,
  zone: string,
): RefusalCode | null {
  return due_at < made_at - MINUTE || !isInside(due_at, channel, zone) ? "bad_time" : null;
}

/** A callback at its new time, with its reminders from the beginning. */
export const schedule = (row: Callback, due_at: number, until_at: number, zone: string): Callback => ({
  ...row,
  due_at,
  until_at: Math.max(until_at, due_at),
  day: dayOf(due_at, zone),
  level: "calm",
});

const close = (row: Callback, state: "done" | "cancelled", at: number): Callback => ({
  ...row,
  state,
  closed_at: at,
  level: "calm",
});

/**
 * Tries of this callback on the local day of `at`, as far as the card tells. The server counts them in a column that it
 * keeps to itself: from one again when the callback was not planned for that day, or the buyer has asked for another time.
 */
export function triesOn(row: Callback, contacts: readonly Contact[], at: number, zone: string): number {
  const day = dayOf(at, zone);
  if (row.day !== day) return 0;
  const about = contacts.filter((one) => one.callback_id === row.id);
  const asked = about.findIndex((one) => one.result === "later");
  const since = asked < 0 ? about : about.slice(0, asked);
  return since.filter((one) => isTry(one.result) && dayOf(one.at, zone) === day).length;
}

export interface Attempt {
  result: ContactResult;
  channel: Channel;
  at: number;
  /** When the buyer wants to be called instead. */
  later_at?: number | undefined;
  /** Earlier tries on this day. */
  tries: number;
}

/** What a contact about this callback makes of it. */
export function afterContact(row: Callback, attempt: Attempt, zone: string): Outcome {
  if (!isOpen(row)) return "wrong_state";
  const { result, at, later_at } = attempt;
  const after: Callback = { ...row, result };
  if (result === "reached") return close(after, "done", at);
  if (result === "refused") return close(after, "cancelled", at);
  // A call of a chain is one try: what follows is for the chain.
  if (isOfChain(row) && result !== "later") return close(after, "done", at);
  // A "thanks", or a message on its way, keeps the promise as it is.
  if (result === "inbound" || result === "sent") return after;
  if (result === "later") {
    const refused = later_at === undefined ? "bad_time" : promiseRefusal(later_at, at, row.channel, zone);
    return refused ?? { ...schedule(after, later_at!, later_at!, zone), attempts: 0, kind: "promised" };
  }
  after.attempts += 1;
  if (result === "wrong_number") return { ...after, level: "supervisor" };
  const due_at = nextTry(attempt, zone);
  const planned = schedule(after, due_at, due_at + WINDOW, zone);
  return planned.attempts >= ATTEMPTS_MAX ? { ...planned, level: "supervisor" } : planned;
}

/** When to try again after nobody answered, or the line was busy. */
export function nextTry({ result, channel, at, tries }: Attempt, zone: string): number {
  const wait = result === "busy" ? BUSY_WAIT : NO_ANSWER_WAIT;
  const again = tries + 1 < ATTEMPTS_A_DAY ? at + wait : nextEvening(at, zone);
  return intoWindow(again, channel, zone);
}

function nextEvening(ms: number, zone: string): number {
  return instant(addDays(dayOf(ms, zone), 1), EVENING, zone);
}

/** Cancelling twice changes nothing. */
export function cancel(row: Callback, reason: string, at: number): Outcome {
  if (row.state === "done") return "wrong_state";
  if (!isOpen(row)) return row;
  const about = row.about === "" ? reason : `${row.about} · ${reason}`;
  return { ...close(row, "cancelled", at), about };
}

/** Whether somebody may work on a callback: one's own, the team's when it is overdue or nobody's, or as a supervisor. */
export function mayWork(row: Callback, me: Person | undefined, user_id: string): boolean {
  if (row.owner_id === user_id || oversees(me, row.team_id)) return true;
  return me?.team_id === row.team_id && isForAll(row);
}

/** Overdue for so long that everybody of the team sees it, or nobody's. */
export const isForAll = (row: Callback): boolean =>
  row.owner_id === null || LEVELS.indexOf(row.level) >= LEVELS.indexOf("mates");

export const oversees = (me: Person | undefined, team_id: string): boolean =>
  me?.role === "owner" || (me?.role === "supervisor" && me.team_id === team_id);

/** The first three and the last four digits; of a short number only the last two. */
export function maskPhone(phone: string): string {
  const digits = phone.replace(/\D/g, "");
  if (digits === "") return "";
  return digits.length <= 7 ? `****${digits.slice(-2)}` : `${digits.slice(0, 3)}****${digits.slice(-4)}`;
}

/** The first letter and the domain; what is no address is hidden as a whole. */
export function maskEmail(email: string): string {
  if (email === "") return "";
  const sign = email.lastIndexOf("@");
  return sign > 0 ? `${[...email][0]}***${email.slice(sign)}` : "***";
}

/** A number as the server stores it: digits, a leading `+` kept, China's own prefix dropped. Null: no number. */
export function phoneOf(typed: string): string | null {
  const kept = typed
    .trim()
    .replace(/^'+/, "")
    .replace(/[ \-()\u00a0]/g, "");
  const number = kept.replace(/^(?:\+86|0086)/, "");
  return number === "" || /^\+?\d{5,20}$/.test(number) ? number : null;
}

/** An address as the server stores it. Null: none. */
export function emailOf(typed: string): string | null {
  const email = typed.trim();
  return email === "" || (/^[^\s@]+@[^\s@]*\.[^\s@]*$/.test(email) && email.length <= 254) ? email : null;
}

/** For how many months buyers may be kept; null: for ever. */
export const mayKeep = (months: number | null): boolean =>
  months === null || (Number.isInteger(months) && months >= KEEP.min && months <= KEEP.max);

/** Whether a campaign may last from one day until another; a day that is none fits nowhere. */
export function spanFits(from: string, until: string): boolean {
  const days = daysBetween(from, until);
  return days >= 0 && days < CAMPAIGN_DAYS;
}
