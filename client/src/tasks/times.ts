/** The times of a task between a form and the wire. */
import { addDays, at, dayOf, hmOf, isHm, MINUTE } from "../core/time";
import type { Assignment, Box, BoxTimes, RefusalCode } from "../gen/api";

/** The times of a task as a form holds them. */
export type Draft = {
  kind: "timebox" | "deadline" | "anytime";
  start: string;
  end: string;
  due: string;
  /** A deadline after midnight still belongs to the business day. */
  next_day: boolean;
};

export type Times = Omit<BoxTimes, "kind">;

/** The instants of a new task, or why they make no sense. An end at or before the start is meant on the next day. */
export function timesOf(day: string, draft: Draft, zone: string): Times | RefusalCode {
  if (draft.kind === "anytime") return { start_at: null, end_at: null, due_at: null };
  if (draft.kind === "deadline") {
    if (!isHm(draft.due)) return "bad_time";
    return {
      start_at: null,
      end_at: null,
      due_at: at(addDays(day, draft.next_day ? 1 : 0), draft.due, zone),
    };
  }
  if (!isHm(draft.start) || !isHm(draft.end) || draft.start === draft.end) return "bad_time";
  const start_at = at(day, draft.start, zone);
  const end_at = at(addDays(day, draft.end < draft.start ? 1 : 0), draft.end, zone);
  return { start_at, end_at, due_at: null };
}

/**
 * The instants of an own task. In a shift over midnight "01:00" means the coming night, not the morning before, as
 * long as that still lies in the shift.
 */
export function timesInShift(
  day: string,
  draft: Draft,
  zone: string,
  shift: Assignment | null,
): Times | RefusalCode {
  const times = timesOf(day, draft, zone);
  if (typeof times === "string" || !shift) return times;
  const later = timesOf(addDays(day, 1), draft, zone);
  const [first, moved] = [times, later].map((one) =>
    typeof one === "string" ? null : (one.start_at ?? one.due_at),
  );
  return first != null && moved != null && first < shift.starts_at && moved <= shift.ends_at ? later : times;
}

const HALF_HOUR = 30 * MINUTE;

/** What the form of a new task starts with: an hour from the coming half hour, or the morning of another day. */
export function freshDraft(now: number, zone: string, isToday: boolean): Draft {
  const from = Math.ceil(now / HALF_HOUR) * HALF_HOUR;
  const start = isToday ? hmOf(from, zone) : "09:00";
  const end = isToday ? hmOf(from + 2 * HALF_HOUR, zone) : "10:00";
  return { kind: "anytime", start, end, due: end, next_day: false };
}

/** The times of a box as the form shows them; what it has none of starts as in a new task. */
export function draftOf(box: Box, zone: string): Draft {
  const { start_at, end_at, due_at } = box;
  const draft = freshDraft(0, zone, false);
  draft.kind = "timebox";
  if (start_at !== null && end_at !== null) {
    draft.start = hmOf(start_at, zone);
    draft.end = hmOf(end_at, zone);
    return draft;
  }
  draft.kind = box.kind === "anytime" || due_at === null ? "anytime" : "deadline";
  if (due_at !== null) {
    draft.due = hmOf(due_at, zone);
    draft.next_day = dayOf(due_at, zone) > box.day;
  }
  return draft;
}

/** The new times of a box from the form. A window keeps its kind, its day, and a deadline that is not simply its end. */
export function editedTimes(box: Box, draft: Draft, zone: string): BoxTimes | RefusalCode {
  const windowed = draft.kind === "timebox" && box.start_at !== null && box.end_at !== null;
  const times = timesOf(windowed ? dayOf(box.start_at!, zone) : box.day, draft, zone);
  if (typeof times === "string") return times;
  if (!windowed) return { kind: draft.kind, ...times };
  return { kind: box.kind, ...times, due_at: box.due_at === box.end_at ? null : box.due_at };
}
