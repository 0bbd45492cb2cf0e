/** Pure rules of the roster: what a cell becomes, what clashes, how a week adds up. Mirrors the server's decisions. */
import type { Assignment, Person, RosterSet, ShiftType } from "../gen/api";
import { addMinutes, at, MINUTE } from "../core/time";

/** The most cells one `roster.set` may touch (contract.md). */
export const MAX_CELLS = 400;

/** Devices hold the shifts of the last five weeks; older ones are only on the server. */
export const KEPT_DAYS = 35;

/** What somebody wants a cell to say; the id is added when it is planned. */
export type Wish = { shift_type_id: string; shop_id: string | null; seat_id: string | null };

/** One cell of a `roster.set`. */
export type RosterCell = RosterSet["put"][number];

/** One `roster.set`. */
export type Plan = { put: RosterCell[]; remove: string[] };

/** A cell with what is in it now and what it should hold. */
export type CellWish = { person_id: string; day: string; now: Assignment[]; wishes: Wish[] };

export const cellKey = (person_id: string, day: string): string => `${person_id}|${day}`;

/** Rows by person and day, each cell in order of start. */
export function byCell(rows: Assignment[]): Map<string, Assignment[]> {
  const cells = new Map<string, Assignment[]>();
  for (const row of rows) {
    const key = cellKey(row.person_id, row.day);
    const cell = cells.get(key);
    if (cell) cell.push(row);
    else cells.set(key, [row]);
  }
  for (const cell of cells.values()) cell.sort((a, b) => a.starts_at - b.starts_at || (a.id < b.id ? -1 : 1));
  return cells;
}

/** The row a cell of `roster.set` becomes. The shift type is copied, so that a later edit of it leaves past weeks alone. */
export function materialise(cell: RosterCell, type: ShiftType, person: Person, zone: string): Assignment {
  const starts_at = at(cell.day, type.start, zone);
  return {
    id: cell.id,
    team_id: person.team_id,
    person_id: person.id,
    day: cell.day,
    shift_type_id: type.id,
    start: type.start,
    length_min: type.length_min,
    arrive_early_min: type.arrive_early_min,
    zone,
    skill_code: type.skill_code,
    letter: type.letter,
    name: type.name,
    shop_id: cell.shop_id,
    seat_id: cell.seat_id,
    starts_at,
    ends_at: starts_at + type.length_min * MINUTE,
  };
}

/** The first pair of shifts of one person that share a minute, or null. */
export function overlap(rows: Assignment[]): [Assignment, Assignment] | null {
  const sorted = rows.slice().sort((a, b) => a.starts_at - b.starts_at);
  const last = new Map<string, Assignment>();
  for (const row of sorted) {
    const before = last.get(row.person_id);
    if (before && before.ends_at > row.starts_at) return [before, row];
    if (!before || row.ends_at > before.ends_at) last.set(row.person_id, row);
  }
  return null;
}

/**
 * The rows after a plan, or null when it names an unknown or inactive person or an unknown shift type: the server
 * refuses such a plan whole, so the view must not show half of it.
 */
export function applied(
  rows: Assignment[],
  plan: Plan,
  find: { person(id: string): Person | undefined; type(id: string): ShiftType | undefined },
  zone: string,
): Assignment[] | null {
  const after = new Map(rows.map((row) => [row.id, row]));
  for (const id of plan.remove) after.delete(id);
  for (const cell of plan.put) {
    const person = find.person(cell.person_id);
    const type = find.type(cell.shift_type_id);
    if (!person?.active || !type) return null;
    after.set(cell.id, materialise(cell, type, person, zone));
  }
  return [...after.values()];
}

const same = (row: Assignment, wish: Wish): boolean =>
  row.shift_type_id === wish.shift_type_id && row.shop_id === wish.shop_id && row.seat_id === wish.seat_id;

/**
 * The smallest change that makes every cell say what is wished. A cell keeps its ids where it can, so that the history
 * of a shift stays one history.
 */
export function plan(cells: CellWish[], newId: () => string): Plan {
  const put: RosterCell[] = [];
  const remove: string[] = [];
  for (const { person_id, day, now, wishes } of cells) {
    const free = now.filter((row) => !wishes.some((wish) => same(row, wish)));
    const missing = wishes.filter((wish) => !now.some((row) => same(row, wish)));
    missing.forEach((wish, i) => put.push({ id: free[i]?.id ?? newId(), person_id, day, ...wish }));
    for (const row of free.slice(missing.length)) remove.push(row.id);
  }
  return { put, remove };
}

export const isEmpty = (p: Plan): boolean => p.put.length === 0 && p.remove.length === 0;

/** The plan that takes another one back; `before` are the rows as they were. */
export function inverse(done: Plan, before: Assignment[]): Plan {
  const old = new Map(before.map((row) => [row.id, row]));
  const put: RosterCell[] = [];
  const remove: string[] = [];
  for (const id of [...done.remove, ...done.put.map((cell) => cell.id)]) {
    const row = old.get(id);
    if (row) put.push(cellOf(row));
    else remove.push(id);
  }
  return { put, remove };
}

const cellOf = ({ id, person_id, day, shift_type_id, shop_id, seat_id }: Assignment): RosterCell => ({
  id,
  person_id,
  day,
  shift_type_id,
  shop_id,
  seat_id,
});

/** Cuts a plan into commands of at most `max` cells. A person is never split, so no half is judged as an overlap. */
export function chunks(whole: Plan, owner: (id: string) => string, max = MAX_CELLS): Plan[] {
  const people = new Map<string, Plan>();
  const of = (person: string): Plan => {
    let part = people.get(person);
    if (!part) people.set(person, (part = { put: [], remove: [] }));
    return part;
  };
  for (const cell of whole.put) of(cell.person_id).put.push(cell);
  for (const id of whole.remove) of(owner(id)).remove.push(id);
  const out: Plan[] = [];
  let size = 0;
  for (const part of people.values()) {
    const n = part.put.length + part.remove.length;
    const last = out.at(-1);
    if (last && size + n <= max) {
      last.put.push(...part.put);
      last.remove.push(...part.remove);
      size += n;
    } else {
      out.push(part);
      size = n;
    }
  }
  return out;
}

/** A shift counts as a night when it is for the night skill, runs past midnight or starts before five. */
export function isNight(shift: Pick<Assignment, "start" | "length_min" | "skill_code">): boolean {
  const end = addMinutes(shift.start, shift.length_min);
  const past = end.days > 0 && !(end.days === 1 && end.hm === "00:00");
  return shift.skill_code === "night" || past || shift.start < "05:00";
}

/** "08:30–17:30", with "+1" when it ends the next day. */
export function span(shift: Pick<Assignment, "start" | "length_min">): string {
  const end = addMinutes(shift.start, shift.length_min);
  return `${shift.start}–${end.hm}${end.days > 0 ? ` +${end.days}` : ""}`;
}

export type Totals = { minutes: number; nights: number; shifts: number };

export function totals(rows: Assignment[]): Totals {
  return {
    minutes: rows.reduce((sum, row) => sum + row.length_min, 0),
    nights: rows.filter((row) => isNight(row)).length,
    shifts: rows.length,
  };
}

/** Minutes as hours for people: "40", "7.5". */
export function hours(minutes: number): string {
  return String(Math.round(minutes / 6) / 10);
}

export type CoverageRow = {
  type_id: string;
  letter: string;
  name: Assignment["name"];
  start: string;
  counts: number[];
};

/**
 * How many people work each shift on each day, one row per shift type in order of start. Current types come first from
 * `types`; an archived one still appears while somebody is on it.
 */
export function coverage(rows: Assignment[], days: string[], types: ShiftType[]): CoverageRow[] {
  const found = new Map<string, CoverageRow>();
  const row = (type_id: string, from: Pick<CoverageRow, "letter" | "name" | "start">): CoverageRow => {
    let line = found.get(type_id);
    if (!line) {
      line = { type_id, letter: from.letter, name: from.name, start: from.start, counts: days.map(() => 0) };
      found.set(type_id, line);
    }
    return line;
  };
  for (const type of types) if (!type.archived) row(type.id, type);
  const seen = new Set<string>();
  for (const one of rows) {
    const col = days.indexOf(one.day);
    const person = `${one.shift_type_id}|${one.person_id}|${one.day}`;
    if (col < 0 || seen.has(person)) continue;
    seen.add(person);
    const line = row(one.shift_type_id, one);
    line.counts[col] = line.counts[col]! + 1;
  }
  return [...found.values()].sort((a, b) =>
    a.start < b.start ? -1 : a.start > b.start ? 1 : a.letter < b.letter ? -1 : 1,
  );
}

/** A day without anybody on a shift that other days of the week have: it may be a hole, so it is marked. */
export const isGap = (line: CoverageRow, col: number): boolean =>
  line.counts[col] === 0 && line.counts.some((n) => n > 0);

/** The wishes that give a cell these shift types; shop and seat stay as they are in the cell. */
export const toTypes =
  (types: ShiftType[]) =>
  (now: Assignment[]): Wish[] =>
    types.map((type, i) => {
      const old = now[i] ?? now[0];
      return { shift_type_id: type.id, shop_id: old?.shop_id ?? null, seat_id: old?.seat_id ?? null };
    });

/** The wishes that say what some rows say, as when a cell is copied. */
export const wishesOf = (rows: Assignment[]): Wish[] =>
  rows.map(({ shift_type_id, shop_id, seat_id }) => ({ shift_type_id, shop_id, seat_id }));

/** The shift type a typed key stands for: its letter, whatever the case. */
export function typeOfKey(key: string, types: ShiftType[]): ShiftType | undefined {
  const want = key.toLocaleUpperCase();
  return types.find((type) => !type.archived && type.letter.toLocaleUpperCase() === want);
}
