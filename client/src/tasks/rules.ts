/** Pure rules of the agent's day: which boxes, in what order, what is late and what one tap does. */
import { MINUTE } from "../core/time";
import type { Box, Person, Skill } from "../gen/api";
import { isOpen } from "./state";

/** Within this time of its deadline a box says how much is left. */
export const SOON_MS = 30 * MINUTE;

export const isOverdue = (box: Box, now: number): boolean =>
  isOpen(box) && box.due_at !== null && box.due_at < now;

/** How long ago the deadline passed, in ms; 0 when it has not. */
export const overdueBy = (box: Box, now: number): number => (isOverdue(box, now) ? now - box.due_at! : 0);

/** The time left when the deadline is close, in ms; null otherwise. */
export function dueSoon(box: Box, now: number): number | null {
  if (!isOpen(box) || box.due_at === null || box.due_at < now) return null;
  return box.due_at - now <= SOON_MS ? box.due_at - now : null;
}

/** A box that is worked on is the one that is now, whatever its window says. A sweep without an end lasts until it is due. */
export function isNow(box: Box, now: number): boolean {
  if (box.state === "doing") return true;
  if (box.state !== "todo" || box.start_at === null || now < box.start_at) return false;
  const end = box.end_at ?? box.due_at;
  return end === null || now < end;
}

const time = (box: Box): number => box.start_at ?? box.due_at ?? Infinity;
const end = (box: Box): number => box.end_at ?? box.due_at ?? Infinity;
const byNumber = (a: number, b: number): number => (a === b ? 0 : a - b);
const byId = (a: Box, b: Box): number => (a.id < b.id ? -1 : 1);

/** In time order, those without a time last; of two at the same time the more pressing one leads. */
const inTime = (a: Box, b: Box): number =>
  byNumber(time(a), time(b)) ||
  byNumber(end(a), end(b)) ||
  (a.quadrant < b.quadrant ? -1 : a.quadrant > b.quadrant ? 1 : byId(a, b));

/** Of what is now, the started one leads, then what ends first: a duty that lasts all day never hides the hour's task. */
const inPresent = (a: Box, b: Box): number =>
  Number(b.state === "doing") - Number(a.state === "doing") || byNumber(end(a), end(b)) || inTime(a, b);

/** An agent's day in the order of the contract: now, late, by time, at any time; and what is closed. */
export interface DayBoxes {
  now: Box[];
  overdue: Box[];
  next: Box[];
  anytime: Box[];
  /** Done, skipped and missed, the last one closed first. */
  closed: Box[];
}

export function arrange(boxes: Box[], now: number): DayBoxes {
  const day: DayBoxes = { now: [], overdue: [], next: [], anytime: [], closed: [] };
  for (const box of boxes) {
    if (!isOpen(box)) day.closed.push(box);
    else if (isNow(box, now)) day.now.push(box);
    else if (isOverdue(box, now)) day.overdue.push(box);
    else if (box.start_at === null && box.kind !== "deadline") day.anytime.push(box);
    else day.next.push(box);
  }
  day.now.sort(inPresent);
  day.overdue.sort(inTime);
  day.next.sort(inTime);
  day.anytime.sort(inTime);
  day.closed.sort((a, b) => byNumber(b.finished_at ?? 0, a.finished_at ?? 0) || inTime(a, b));
  return day;
}

/**
 * The boxes of a day, and with the present one whatever is still open from the days before it: the server closes or
 * carries them over at midnight, but this phone may not have heard of that yet.
 */
export const ofDay = (boxes: Box[], day: string, present: string): Box[] =>
  boxes.filter((box) => box.day === day || (day === present && box.day < day && isOpen(box)));

export const ofPerson = (boxes: Box[], person_id: string): Box[] =>
  boxes.filter((box) => box.assignee_id === person_id);

/** What nobody has and this person may take; what fits the person's skills leads. */
export function pool(boxes: Box[], me: Person, skills: Skill[]): Box[] {
  const codes = new Set(skills.filter((skill) => me.skill_ids.includes(skill.id)).map((skill) => skill.code));
  const fits = (box: Box): boolean => box.skill_code === null || codes.has(box.skill_code);
  return boxes
    .filter((box) => box.assignee_id === null && box.team_id === me.team_id && isOpen(box))
    .sort((a, b) => Number(fits(b)) - Number(fits(a)) || inTime(a, b));
}

/**
 * What the big button does. Work with a window is started and then finished, which measures it; a deadline, a task
 * for any time, and anything whose window has passed is simply ticked off.
 */
export function mainStep(box: Box, now: number): "start" | "finish" {
  if (box.state !== "todo") return "finish";
  const windowed =
    box.kind === "timebox" || box.kind === "meeting" || box.kind === "sweep" || box.kind === "standing";
  return windowed && (box.end_at === null || now < box.end_at) ? "start" : "finish";
}

export type Progress = { done: number; total: number };

/** Skipped ones are settled too; missed ones are not. */
export function progress(boxes: Box[]): Progress {
  return {
    done: boxes.filter((box) => box.state === "done" || box.state === "skipped").length,
    total: boxes.length,
  };
}

export const checked = (box: Box): number => box.checklist.filter((item) => item.done).length;

/** A length of time in whole minutes, hours and days, as people say it: minutes are left out beyond a day. */
export function lengthOf(ms: number): { d: number; h: number; m: number } {
  const minutes = Math.max(0, Math.floor(ms / MINUTE));
  const d = Math.floor(minutes / 1440);
  return { d, h: Math.floor((minutes % 1440) / 60), m: d > 0 ? 0 : minutes % 60 };
}

export const SKIP_REASONS = ["not_needed", "no_case", "no_time", "duplicate", "blocked"] as const;
