/** What may be done to a box and what that makes of it: the server's `tasks/rules.rs`, line by line. Pure. */
import type { Box, BoxState, BoxTimes, CheckItem, Person, RefusalCode } from "../gen/api";

export const TITLE_MAX = 200;
export const NOTE_MAX = 2000;
export const REASON_MAX = 200;

/** How a person stands to a box. "former" had it before and may still report what was done. */
export type Standing = "overseer" | "assignee" | "former" | "pool" | "stranger";

/** A box after a step, or why there is none. An unchanged box is the same object. */
export type Outcome = Box | RefusalCode;

export const isRefused = (outcome: Outcome): outcome is RefusalCode => typeof outcome === "string";

export const isOpen = (box: Box): boolean => box.state === "todo" || box.state === "doing";

/** Without the person's row (a first sync that is not complete) only the assignee's rights are sure. */
export function standingOf(person: Person | undefined, user_id: string, box: Box): Standing {
  if (person?.role === "owner" || (person?.role === "supervisor" && person.team_id === box.team_id))
    return "overseer";
  if (box.assignee_id === user_id) return "assignee";
  if (box.former_ids.includes(user_id)) return "former";
  return box.assignee_id === null && person?.team_id === box.team_id ? "pool" : "stranger";
}

function notHolding(who: Standing): RefusalCode | null {
  if (who === "overseer" || who === "assignee") return null;
  return who === "former" ? "taken_over" : "forbidden";
}

export function start(box: Box, who: Standing, user_id: string, at: number): Outcome {
  const refused = notHolding(who);
  if (refused) return refused;
  if (box.state === "doing") return box;
  if (box.state !== "todo") return "wrong_state";
  return { ...box, state: "doing", started_at: at, started_by: user_id };
}

/** Late work is accepted, and so is a former assignee's report as long as the new one has not started. */
export function finish(box: Box, who: Standing, user_id: string, at: number): Outcome {
  const refused = who === "former" ? null : notHolding(who);
  if (box.state === "done") {
    if (who === "former" && box.finished_by !== user_id) return "taken_over";
    return refused ?? box;
  }
  if (who === "former") {
    const by_other = box.state === "doing" && box.started_by !== user_id;
    if (by_other || box.state === "skipped") return "taken_over";
  }
  if (refused) return refused;
  return {
    ...box,
    state: "done",
    started_at: box.started_at ?? at,
    finished_at: at,
    finished_by: user_id,
    late: box.due_at !== null && at > box.due_at,
    skip_reason: null,
  };
}

const untouched = (box: Box): Box => ({
  ...box,
  state: "todo",
  started_at: null,
  started_by: null,
  finished_at: null,
  finished_by: null,
  late: false,
  skip_reason: null,
});

export function reopen(box: Box, who: Standing): Outcome {
  const refused = notHolding(who);
  if (refused) return refused;
  if (box.state === "todo") return box;
  return box.state === "missed" ? "wrong_state" : untouched(box);
}

export function skip(box: Box, who: Standing, user_id: string, reason: string, at: number): Outcome {
  const refused = notHolding(who);
  if (refused) return refused;
  const said = reason.trim();
  if (said === "") return "reason_required";
  if ([...said].length > REASON_MAX) return "too_long";
  if (box.state === "skipped") return said === box.skip_reason ? box : { ...box, skip_reason: said };
  if (!isOpen(box)) return "wrong_state";
  return { ...box, state: "skipped", skip_reason: said, finished_at: at, finished_by: user_id };
}

export function check(box: Box, who: Standing, index: number, done: boolean): Outcome {
  const refused = who === "former" ? null : notHolding(who);
  if (refused) return refused;
  const item = box.checklist[index];
  if (!item) return "bad_value";
  if (item.done === done) return box;
  const checklist: CheckItem[] = box.checklist.slice();
  checklist[index] = { ...item, done };
  return { ...box, checklist };
}

/** A note that is there already stays as it was: the same command can be played again. */
export function note(
  box: Box,
  who: Standing,
  author_id: string,
  id: string,
  text: string,
  at: number,
): Outcome {
  if (who === "stranger") return "forbidden";
  const said = typed(text, NOTE_MAX);
  if (said.refused) return said.refused;
  if (box.notes.some((one) => one.id === id)) return box;
  return { ...box, notes: [...box.notes, { id, author_id, text: said.text, at }] };
}

/** Gives an open box to somebody else or to nobody; a started one starts anew with the next person. */
function reassign(box: Box, to: string | null): Outcome {
  if (box.assignee_id === to) return box;
  if (!isOpen(box)) return "wrong_state";
  const former_ids = box.former_ids.filter((id) => id !== box.assignee_id && id !== to);
  if (box.assignee_id !== null) former_ids.push(box.assignee_id);
  return { ...untouched(box), assignee_id: to, former_ids };
}

const isColleague = (person: Person | undefined, box: Box): boolean =>
  person !== undefined && person.active && person.team_id === box.team_id;

export function hand(box: Box, who: Standing, to: Person | undefined): Outcome {
  const refused = notHolding(who);
  if (refused) return refused;
  return isColleague(to, box) ? reassign(box, to!.id) : "not_in_team";
}

export function take(box: Box, who: Standing, me: Person | undefined): Outcome {
  if (who === "assignee") return box;
  if (box.assignee_id !== null) return box.assignee_id === me?.id ? box : "taken_over";
  if (who === "stranger") return "forbidden";
  return isColleague(me, box) ? reassign(box, me!.id) : "not_in_team";
}

export function assign(box: Box, who: Standing, to: Person | null | undefined): Outcome {
  if (who !== "overseer") return "forbidden";
  if (to === null) return reassign(box, null);
  return isColleague(to, box) ? reassign(box, to!.id) : "not_in_team";
}

/** Text that people typed: trimmed, not empty, not too long (counted as the server does, in characters). */
export function typed(text: string, max: number): { text: string; refused: RefusalCode | null } {
  const said = text.trim();
  if (said === "") return { text: said, refused: "bad_value" };
  return { text: said, refused: [...said].length > max ? "too_long" : null };
}

const LAST_INSTANT = 4_102_444_800_000;

/** The times must be those of the kind, and a window must not end before it starts. */
export function timesRefusal({ kind, start_at, end_at, due_at }: BoxTimes): RefusalCode | null {
  const sane = [start_at, end_at, due_at].every((ms) => ms === null || (ms >= 0 && ms <= LAST_INSTANT));
  const ordered = end_at === null || (start_at !== null && start_at < end_at);
  if (!sane || !ordered) return "bad_time";
  const needed = kind === "anytime" ? 0 : kind === "deadline" ? due_at : end_at;
  return needed === null ? "bad_value" : null;
}

/** The steps that a person may take now: what a screen offers is what the server accepts. */
export type Step = "start" | "finish" | "skip" | "reopen" | "hand" | "take" | "check" | "note";

const HOLDER_STEPS: Record<BoxState, Step[]> = {
  todo: ["start", "finish", "skip", "hand", "check", "note"],
  doing: ["finish", "skip", "hand", "reopen", "check", "note"],
  done: ["reopen", "check", "note"],
  skipped: ["finish", "reopen", "check", "note"],
  missed: ["finish", "check", "note"],
};

export function steps(box: Box, who: Standing): Step[] {
  if (who === "stranger") return [];
  const take: Step[] = box.assignee_id === null && isOpen(box) ? ["take"] : [];
  if (who === "pool") return [...take, "note"];
  if (who === "former") return [...take, "check", "note"];
  return [...take, ...HOLDER_STEPS[box.state]];
}
