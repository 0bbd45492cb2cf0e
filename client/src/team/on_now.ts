/** Pure rules of "who is on": who works now, who comes, and where each colleague stands. */
import { HOUR } from "../core/time";
import type { Assignment, Person, Shop } from "../gen/api";

/** How far ahead "coming up" looks: the next shift of a day, not the whole roster. */
const AHEAD_MS = 14 * HOUR;

const isOn = (shift: Assignment, now: number): boolean => shift.starts_at <= now && now < shift.ends_at;
const inStart = (a: Assignment, b: Assignment): number => a.starts_at - b.starts_at || (a.id < b.id ? -1 : 1);

/** Shifts that belong to nobody we know (a colleague who left) are of no use to somebody looking for help. */
const known = (shifts: Assignment[], people: Person[]): Assignment[] => {
  const ids = new Set(people.map((person) => person.id));
  return shifts.filter((shift) => ids.has(shift.person_id));
};

export interface ShopNow {
  shop_id: string | null;
  shifts: Assignment[];
}

/** Who works now, shop by shop in order of name; people without a shop come last, whoever leaves first leads. */
export function onNow(all: Assignment[], people: Person[], shops: Shop[], now: number): ShopNow[] {
  const names = new Map(shops.map((shop) => [shop.id, shop.name]));
  const name = (row: ShopNow): string => names.get(row.shop_id ?? "") ?? "";
  const found = new Map<string | null, Assignment[]>();
  for (const shift of known(all, people)) {
    if (!isOn(shift, now)) continue;
    const shop = found.get(shift.shop_id);
    if (shop) shop.push(shift);
    else found.set(shift.shop_id, [shift]);
  }
  return [...found.entries()]
    .map(([shop_id, shifts]) => ({
      shop_id,
      shifts: shifts.sort((a, b) => a.ends_at - b.ends_at || inStart(a, b)),
    }))
    .sort(
      (a, b) =>
        Number(a.shop_id === null) - Number(b.shop_id === null) || name(a).localeCompare(name(b), "zh-CN"),
    );
}

/** Who comes next, in order of start. */
export const comingUp = (all: Assignment[], people: Person[], now: number): Assignment[] =>
  known(all, people)
    .filter((shift) => now < shift.starts_at && shift.starts_at - now <= AHEAD_MS)
    .sort(inStart);

export interface Colleague {
  person: Person;
  status: "on" | "later" | "off";
  /** The shift that runs, or the next one. */
  shift: Assignment | null;
}

const RANK: Record<Colleague["status"], number> = { on: 0, later: 1, off: 2 };

/**
 * Colleagues with those who work now first, then those who come within the day, in order of start; the rest by name.
 * This is also the order in which a task is offered to them.
 */
export function colleagues(people: Person[], all: Assignment[], now: number): Colleague[] {
  const next = new Map<string, Assignment>();
  for (const shift of all.slice().sort(inStart)) {
    if (now < shift.ends_at && !next.has(shift.person_id)) next.set(shift.person_id, shift);
  }
  return people
    .map((person): Colleague => {
      const shift = next.get(person.id) ?? null;
      if (!shift) return { person, status: "off", shift };
      if (isOn(shift, now)) return { person, status: "on", shift };
      return { person, status: shift.starts_at - now <= AHEAD_MS ? "later" : "off", shift };
    })
    .sort(
      (a, b) =>
        RANK[a.status] - RANK[b.status] ||
        (a.status === "later" ? inStart(a.shift!, b.shift!) : 0) ||
        a.person.name.localeCompare(b.person.name, "zh-CN"),
    );
}
