/** Pure rules of the board: how a box stands, how a day is laid out. */
import type { Assignment, Box, Person, Quadrant } from "../gen/api";
import { addDays, at, HOUR, MINUTE } from "../core/time";
import { isOpen } from "../tasks/state";
import { byName } from "../team/rules";

export { isOpen };

/** Devices hold the closed boxes of the last two weeks; older ones are only on the server. */
export const KEPT_DAYS = 14;

export const QUADRANTS: Quadrant[] = ["Q1", "Q2", "Q3", "Q4"];

export type Standing = "overdue" | "doing" | "now" | "todo" | "missed" | "done" | "late" | "skipped";

/** How a box stands at `now`; the order of the checks is the order of what matters to a supervisor. */
export function standing(box: Box, now: number): Standing {
  if (box.state === "done") return box.late ? "late" : "done";
  if (box.state === "skipped" || box.state === "missed") return box.state;
  if (box.due_at !== null && box.due_at < now) return "overdue";
  if (box.state === "doing") return "doing";
  return box.start_at !== null && box.start_at <= now && (box.end_at === null || now < box.end_at)
    ? "now"
    : "todo";
}

const RANK: Record<Standing, number> = {
  overdue: 0,
  doing: 1,
  now: 2,
  todo: 3,
  missed: 4,
  skipped: 5,
  late: 6,
  done: 6,
};

/** Overdue first, then what goes on, then by time; boxes without a time come last, finished ones after all. */
export function inOrder(boxes: Box[], now: number): Box[] {
  const time = (box: Box): number => box.start_at ?? box.due_at ?? Infinity;
  return boxes
    .slice()
    .sort(
      (a, b) =>
        RANK[standing(a, now)] - RANK[standing(b, now)] ||
        (time(a) === time(b) ? 0 : time(a) - time(b)) ||
        (a.id < b.id ? -1 : 1),
    );
}

export type Progress = { total: number; done: number; doing: number; overdue: number; unassigned: number };

export function progress(boxes: Box[], now: number): Progress {
  const count = (test: (box: Box) => boolean): number => boxes.filter(test).length;
  return {
    total: boxes.length,
    done: count((box) => box.state === "done" || box.state === "skipped"),
    doing: count((box) => box.state === "doing"),
    overdue: count((box) => standing(box, now) === "overdue"),
    unassigned: count((box) => box.assignee_id === null && isOpen(box)),
  };
}

/** Shifts that run at `now`, the first to end first. */
export const onNow = (shifts: Assignment[], now: number): Assignment[] =>
  shifts.filter((row) => row.starts_at <= now && now < row.ends_at).sort((a, b) => a.ends_at - b.ends_at);

export type Row = { person: Person | null; shifts: Assignment[]; boxes: Box[] };

/**
 * One row for what nobody has, then one per person on shift in order of start, then people who have boxes without a
 * shift: their work must not be hidden by a roster that changed.
 */
export function byPerson(people: Person[], shifts: Assignment[], boxes: Box[]): Row[] {
  const rows = new Map<string | null, Row>([[null, { person: null, shifts: [], boxes: [] }]]);
  const known = new Map(people.map((person) => [person.id, person]));
  const row = (id: string | null): Row => {
    const person = id === null ? null : (known.get(id) ?? null);
    const key = person?.id ?? null;
    let found = rows.get(key);
    if (!found) rows.set(key, (found = { person, shifts: [], boxes: [] }));
    return found;
  };
  for (const shift of shifts) if (known.has(shift.person_id)) row(shift.person_id).shifts.push(shift);
  for (const box of boxes) row(box.assignee_id).boxes.push(box);
  const start = ({ person, shifts }: Row): number =>
    person === null ? -Infinity : Math.min(Infinity, ...shifts.map((one) => one.starts_at));
  return [...rows.values()].sort((a, b) => {
    const [x, y] = [start(a), start(b)];
    return x === y ? byName(a.person?.name ?? "", b.person?.name ?? "") : x - y;
  });
}

/** Half-open, in UTC milliseconds. */
export type Span = { from: number; to: number };

/** Where a box lies on the day's line; null when it has no time. A box with one instant only has no length. */
export function placed(box: Box): Span | null {
  if (box.kind === "standing") return null;
  if (box.kind === "deadline" && box.due_at !== null) return { from: box.due_at, to: box.due_at };
  if (box.start_at === null) return null;
  return { from: box.start_at, to: Math.max(box.start_at, box.end_at ?? box.start_at) };
}

/** The whole hours a day's line covers: office hours at least, and every shift and box that reaches beyond. */
export function dayLine(day: string, zone: string, shifts: Assignment[], boxes: Box[]): Span {
  const floor = at(day, "00:00", zone);
  // A box carried over keeps the times of its old day, which must not stretch the line.
  const spans = boxes.map(placed).filter((span): span is Span => span !== null && span.to > floor);
  const from = Math.max(
    floor,
    Math.min(at(day, "09:00", zone), ...shifts.map((s) => s.starts_at), ...spans.map((s) => s.from)),
  );
  const to = Math.min(
    at(addDays(day, 1), "12:00", zone),
    Math.max(at(day, "18:00", zone), ...shifts.map((s) => s.ends_at), ...spans.map((s) => s.to)),
  );
  return {
    from: floor + Math.floor((from - floor) / HOUR) * HOUR,
    to: floor + Math.ceil((to - floor) / HOUR) * HOUR,
  };
}

/** The instants of the full hours of a line, its end excluded. */
export function hoursOf(line: Span): number[] {
  return Array.from({ length: Math.round((line.to - line.from) / HOUR) }, (_, i) => line.from + i * HOUR);
}

/** A box on the line: the block that is drawn, and how much of it is the real time. */
export type Laid = { box: Box; lane: number; block: Span; real: Span };

/** A block is drawn at least this long, so that it can be read and hit. */
const READABLE = 90 * MINUTE;

/**
 * Puts boxes that would cover each other into lanes: each goes into the first that is free. A short box is drawn longer
 * than it is, a deadline as a block that ends at its time.
 */
export function lanes(boxes: Box[], line: Span): { laid: Laid[]; lanes: number; untimed: Box[] } {
  const untimed: Box[] = [];
  const found: Omit<Laid, "lane">[] = [];
  for (const box of boxes) {
    const span = placed(box);
    if (!span || span.to < line.from || span.from >= line.to) {
      untimed.push(box);
      continue;
    }
    const real = { from: Math.max(span.from, line.from), to: Math.min(span.to, line.to) };
    const length = Math.min(Math.max(real.to - real.from, READABLE), line.to - line.from);
    const wanted = box.kind === "deadline" ? real.to - length : real.from;
    const from = Math.max(line.from, Math.min(wanted, line.to - length));
    found.push({ box, real, block: { from, to: from + length } });
  }
  found.sort((a, b) => a.block.from - b.block.from || (a.box.id < b.box.id ? -1 : 1));
  const ends: number[] = [];
  const laid = found.map((one) => {
    let lane = ends.findIndex((end) => end <= one.block.from);
    if (lane < 0) lane = ends.length;
    ends[lane] = one.block.to;
    return { ...one, lane };
  });
  return { laid, lanes: ends.length, untimed };
}

/** Where an instant lies on the line, in percent. */
export const percent = (ms: number, line: Span): number => ((ms - line.from) / (line.to - line.from)) * 100;

export type Fit = "ok" | "no_skill" | "off_shift";

/** Whether a person suits a box: has its skill, and is on shift when it is to be done. A hint, never a bar. */
export function fit(box: Box, row: Row, skillCodes: Map<string, string>, line: Span): Fit {
  if (!row.person) return "ok";
  if (box.skill_code && !row.person.skill_ids.some((id) => skillCodes.get(id) === box.skill_code))
    return "no_skill";
  const span = placed(box) ?? line;
  // The end counts for a deadline: being there when it falls due is what matters.
  return row.shifts.some((shift) => shift.starts_at <= span.to && span.from < shift.ends_at)
    ? "ok"
    : "off_shift";
}
