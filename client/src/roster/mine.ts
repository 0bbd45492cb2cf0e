/** Pure rules of one person's shifts: which is now or next, when to be there, who hands over to whom. */
import { addDays, dayOf, daysBetween, hmOf, HOUR, MINUTE, weekOf, weekStart } from "../core/time";
import type { Assignment } from "../gen/api";
import { totals, type Totals } from "./rules";

const inTime = (a: Assignment, b: Assignment): number => a.starts_at - b.starts_at || (a.id < b.id ? -1 : 1);

export const arriveAt = (shift: Assignment): number => shift.starts_at - shift.arrive_early_min * MINUTE;

export type Phase = "later" | "arriving" | "on";

export function phaseOf(shift: Assignment, now: number): Phase {
  if (now >= shift.starts_at) return "on";
  return now >= arriveAt(shift) ? "arriving" : "later";
}

/** The shift that runs, or the next one however far. Back to back, the one that runs stays until its end. */
export function nowOrNext(mine: Assignment[], now: number): Assignment | null {
  return (
    mine
      .slice()
      .sort(inTime)
      .find((shift) => now < shift.ends_at) ?? null
  );
}

/** The business day a person works on: after midnight in a night shift that is still the day the shift began. */
export function workDay(mine: Assignment[], now: number, today: string): string {
  const running = mine.find((shift) => arriveAt(shift) <= now && now < shift.ends_at);
  return running && running.day < today ? running.day : today;
}

/** Local end of a shift and how many midnights lie before it. The length holds when the clock changes. */
export function endOf(shift: Assignment): { hm: string; days: number } {
  return {
    hm: hmOf(shift.ends_at, shift.zone),
    days: daysBetween(shift.day, dayOf(shift.ends_at, shift.zone)),
  };
}

/** When to be there, as a local time, and -1 when that is still the evening before. */
export function arrival(shift: Assignment): { hm: string; days: number } {
  const ms = arriveAt(shift);
  return { hm: hmOf(ms, shift.zone), days: daysBetween(shift.day, dayOf(ms, shift.zone)) };
}

/** Who stands on the other side of a handover. */
export interface Handover {
  shifts: Assignment[];
  /** Both are there at the same time; otherwise the words have to be left in writing. */
  meets: boolean;
}

/** Shifts that end and start this close together follow each other. */
const FOLLOWS_MS = 60 * MINUTE;
/** A shop may be closed for the night; a longer gap is nobody's handover. */
const GAP_MS = 14 * HOUR;

/** Those who do the same work: holders of the same seat, people of the same shop and skill, people of the same shop. */
function circles(
  shift: Assignment,
  all: Assignment[],
): { seat: Assignment[]; skill: Assignment[]; shop: Assignment[] } {
  const others = all.filter((one) => one.person_id !== shift.person_id && one.team_id === shift.team_id);
  // People without a shop hand over among themselves.
  const shop = others.filter((one) => one.shop_id === shift.shop_id);
  return {
    seat: shift.seat_id === null ? [] : others.filter((one) => one.seat_id === shift.seat_id),
    skill: shop.filter((one) => one.skill_code === shift.skill_code),
    shop,
  };
}

/** Those with the smallest distance; several when they leave or come together. */
function closest(shifts: Assignment[], distance: (shift: Assignment) => number): Assignment[] {
  const best = Math.min(...shifts.map(distance));
  return shifts.filter((shift) => distance(shift) === best).sort(inTime);
}

/** Who leaves when this shift begins; in a shop that was closed, who left last. Null when colleagues simply go on. */
export function handsOverToMe(shift: Assignment, all: Assignment[]): Handover | null {
  const { seat, skill, shop } = circles(shift, all);
  const distance = (one: Assignment): number => Math.abs(one.ends_at - shift.starts_at);
  for (const group of [seat, skill, shop]) {
    const leaving = group.filter((one) => one.starts_at < shift.starts_at && distance(one) <= FOLLOWS_MS);
    if (leaving.length === 0) continue;
    const shifts = closest(leaving, distance);
    return { shifts, meets: shifts[0]!.ends_at >= arriveAt(shift) };
  }
  for (const group of [seat, shop]) {
    const gone = group.filter((one) => one.ends_at < shift.starts_at && distance(one) <= GAP_MS);
    if (gone.length === 0) continue;
    const shifts = closest(gone, distance);
    const left = shifts[0]!.ends_at;
    // Somebody who came in between has taken it over already.
    const taken = group.some((one) => one.starts_at < shift.starts_at && one.ends_at > left);
    return taken ? null : { shifts, meets: false };
  }
  return null;
}

/** The mirror of `handsOverToMe`: who comes when this shift ends, or first after a closed night. */
export function takesOverFromMe(shift: Assignment, all: Assignment[]): Handover | null {
  const { seat, skill, shop } = circles(shift, all);
  const distance = (one: Assignment): number => Math.abs(one.starts_at - shift.ends_at);
  for (const group of [seat, skill, shop]) {
    const coming = group.filter((one) => one.ends_at > shift.ends_at && distance(one) <= FOLLOWS_MS);
    if (coming.length === 0) continue;
    const shifts = closest(coming, distance);
    return { shifts, meets: arriveAt(shifts[0]!) <= shift.ends_at };
  }
  for (const group of [seat, shop]) {
    const later = group.filter((one) => one.starts_at > shift.ends_at && distance(one) <= GAP_MS);
    if (later.length === 0) continue;
    const shifts = closest(later, distance);
    const comes = shifts[0]!.starts_at;
    const stays = group.some((one) => one.ends_at > shift.ends_at && one.starts_at < comes);
    return stays ? null : { shifts, meets: false };
  }
  return null;
}

export interface Week extends Totals {
  monday: string;
  days: { day: string; shifts: Assignment[] }[];
  /** Somebody of the team has a shift in it: an empty week is then a free one, otherwise it is not made yet. */
  planned: boolean;
}

/** The weeks from the one that holds `today` to the last that anybody is planned in; the coming one is always there. */
export function weeks(mine: Assignment[], team: Assignment[], today: string): Week[] {
  const first = weekStart(today);
  const planned = new Set(team.map((shift) => weekStart(shift.day)));
  for (const shift of mine) planned.add(weekStart(shift.day));
  const last = [...planned].reduce((a, b) => (a > b ? a : b), addDays(first, 7));
  const out: Week[] = [];
  for (let monday = first; monday <= last; monday = addDays(monday, 7)) {
    const days = weekOf(monday).map((day) => ({
      day,
      shifts: mine.filter((one) => one.day === day).sort(inTime),
    }));
    out.push({ monday, days, planned: planned.has(monday), ...totals(days.flatMap((one) => one.shifts)) });
  }
  return out;
}
