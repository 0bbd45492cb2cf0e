/** Pure rules of the customers' pages: what is due when, which times to offer, who waits too long, who is meant. */
import { addDays, at as instant, dayOf, daysBetween, HOUR, MINUTE } from "../core/time";
import type { Callback, CarePolicy, Channel, Customer, Reach } from "../gen/api";
import { byName } from "../team/rules";
import { isInside, isOpen, SOON_MS } from "./state";

/** A day's callbacks, the most pressing first. */
export interface Groups {
  overdue: Callback[];
  now: Callback[];
  today: Callback[];
  later: Callback[];
  /** Done and cancelled, the last one first. */
  closed: Callback[];
}

export const isOverdue = (row: Callback, now: number): boolean => isOpen(row) && row.until_at < now;

const byTime = (a: Callback, b: Callback): number =>
  a.due_at - b.due_at || a.until_at - b.until_at || (a.id < b.id ? -1 : 1);
/** Of what is to be done now, what ends first leads: a call for any time of the day never hides a promise. */
const byEnd = (a: Callback, b: Callback): number => a.until_at - b.until_at || byTime(a, b);

export function arrange(rows: readonly Callback[], now: number, zone: string): Groups {
  const today = dayOf(now, zone);
  const groups: Groups = { overdue: [], now: [], today: [], later: [], closed: [] };
  for (const row of rows) {
    if (!isOpen(row)) groups.closed.push(row);
    else if (isOverdue(row, now)) groups.overdue.push(row);
    else if (row.due_at <= now + SOON_MS) groups.now.push(row);
    else if (row.day === today) groups.today.push(row);
    else groups.later.push(row);
  }
  groups.overdue.sort(byEnd);
  groups.now.sort(byEnd);
  groups.today.sort(byTime);
  groups.later.sort(byTime);
  groups.closed.sort((a, b) => (b.closed_at ?? 0) - (a.closed_at ?? 0) || byTime(a, b));
  return groups;
}

/** How near a callback is, for reminders; null while there is nothing to say. A wide window only speaks near its end. */
export function urgency(row: Callback, now: number): "soon" | "due" | "overdue" | null {
  if (!isOpen(row)) return null;
  if (row.until_at < now) return "overdue";
  const pointed = row.until_at - row.due_at <= HOUR;
  const from = pointed ? row.due_at : row.until_at;
  if (now < from - SOON_MS) return null;
  return now < from ? "soon" : "due";
}

/** A time to promise: after so many minutes, or at a local time of today or tomorrow. */
export type Offer =
  { kind: "in"; minutes: number; at: number } | { kind: "today" | "tomorrow"; hm: string; at: number };

const SOONER = [15, 30, 60, 120] as const;
const TODAY = ["12:00", "14:00", "16:30", "18:00", "20:00"] as const;
const TOMORROW = ["10:00", "15:00", "18:00"] as const;
/** A fixed time so near is no other choice than "in half an hour". */
const APART = 45 * MINUTE;

/** Times worth one tap, all inside the hours of the channel, in order. */
export function offers(now: number, channel: Channel, zone: string): Offer[] {
  const step = 5 * MINUTE;
  const soon = SOONER.map((minutes): Offer => {
    return { kind: "in", minutes, at: Math.ceil((now + minutes * MINUTE) / step) * step };
  });
  const day = dayOf(now, zone);
  const fixed = (kind: "today" | "tomorrow", on: string, hms: readonly string[]): Offer[] =>
    hms.map((hm) => ({ kind, hm, at: instant(on, hm, zone) }));
  const today = fixed("today", day, TODAY).filter((one) => one.at >= now + APART);
  const all = [...soon, ...today, ...fixed("tomorrow", addDays(day, 1), TOMORROW)];
  return all
    .filter((one) => isInside(one.at, channel, zone) && (one.kind !== "in" || dayOf(one.at, zone) === day))
    .filter((one, i, list) => list.findIndex((other) => other.at === one.at) === i)
    .sort((a, b) => a.at - b.at);
}

/** Days before the longest gap that are kept free for those who are not reached at the first try, as the planner does. */
const RESERVE = 5;

/** How long a buyer has not been spoken with, against what was agreed. */
export interface Gap {
  /** Days since the last real contact, or since the buyer is known. */
  days: number;
  ideal: number;
  longest: number;
  tone: "ok" | "warn" | "danger";
  /** The longest gap is over. */
  passed: boolean;
}

/** Null for those who are not cared for. */
export function gapOf(card: Customer, policy: CarePolicy | undefined, now: number, zone: string): Gap | null {
  if (!policy?.enabled) return null;
  const ideal = card.ideal_days ?? policy.ideal_days;
  const longest = Math.max(card.longest_days ?? policy.longest_days, ideal);
  const base = dayOf(card.last_contact_at ?? card.created_at, zone);
  const days = Math.max(0, daysBetween(base, dayOf(now, zone)));
  const tone = days > Math.max(longest - RESERVE, ideal) ? "danger" : days >= ideal ? "warn" : "ok";
  return { days, ideal, longest, tone, passed: days >= longest };
}

/** The share of the longest gap that is used up; the largest waits longest. */
export const used = (gap: Gap): number => gap.days / gap.longest;

/** What to call a buyer in one word. */
export const titleOf = (card: Pick<Customer, "nick" | "name">): string => card.nick || card.name;

/** Without the cards that another one stands for. */
export const standing = (cards: readonly Customer[]): Customer[] => cards.filter((card) => !card.merged_into);

/** Of cards of one buyer the one to keep: which is cared for, else which was spoken with last, else the oldest. */
export function keeperOf(cards: readonly Customer[]): Customer | undefined {
  return cards
    .slice()
    .sort(
      (a, b) =>
        Number(b.tier !== "") - Number(a.tier !== "") ||
        (b.last_contact_at ?? 0) - (a.last_contact_at ?? 0) ||
        a.created_at - b.created_at ||
        (a.id < b.id ? -1 : 1),
    )[0];
}

/** Held buyers whose nick, name, number, mail, tags or notes hold every word; those called so lead. */
export function search(
  cards: readonly Customer[],
  reachOf: (id: string) => Reach | undefined,
  typed: string,
): Customer[] {
  const words = typed.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return cards.slice().sort(inOrder);
  const found = cards.filter((card) => {
    const reach = reachOf(card.id);
    const texts = [card.nick, card.name, card.phone, card.email, reach?.phone, reach?.email, ...card.tags];
    const hay = [...texts, card.notes].filter(Boolean).join("\n").toLocaleLowerCase();
    return words.every((word) => hay.includes(word));
  });
  const leads = (card: Customer): boolean =>
    [card.nick, card.name].some((name) => name.toLocaleLowerCase().startsWith(words[0]!));
  return found.sort((a, b) => Number(leads(b)) - Number(leads(a)) || inOrder(a, b));
}

/** By what they are called. */
export const inOrder = (a: Customer, b: Customer): number =>
  byName(titleOf(a), titleOf(b)) || (a.id < b.id ? -1 : 1);

export interface Occasion {
  card: Customer;
  label: string;
  day: string;
}

/** The special days of the next days, the nearest first. */
export function occasions(cards: readonly Customer[], today: string, days: number): Occasion[] {
  const until = addDays(today, days);
  const all = cards.flatMap((card) =>
    card.special_days.map(({ month, day, label }) => ({ card, label, day: nextOn(month, day, today) })),
  );
  const near = all.filter((one) => one.day <= until);
  return near.sort((a, b) => (a.day === b.day ? inOrder(a.card, b.card) : a.day < b.day ? -1 : 1));
}

/** The next time a yearly day comes; the 29th of February is kept on the 28th in other years. */
export function nextOn(month: number, day: number, today: string): string {
  const year = Number(today.slice(0, 4));
  const inYear = (y: number): string => {
    const last = new Date(Date.UTC(y, month, 0)).getUTCDate();
    return new Date(Date.UTC(y, month - 1, Math.min(day, last))).toISOString().slice(0, 10);
  };
  const own = inYear(year);
  return own >= today ? own : inYear(year + 1);
}
