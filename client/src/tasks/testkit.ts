/** Rows for tests: a box, a person, a shift, with only what matters spelled out. */
import { at, MINUTE } from "../core/time";
import type { Assignment, Box, Person } from "../gen/api";

export const ZONE = "Asia/Shanghai";

export const box = (more: Partial<Box> = {}): Box => ({
  id: "b",
  team_id: "t",
  day: "2025-11-21",
  origin: "pack",
  pack_code: "presale_day",
  task_code: "ps_audit_am",
  slot: null,
  title: { zh: "审单", en: "Audit" },
  skill_code: null,
  kind: "timebox",
  start_at: null,
  end_at: null,
  due_at: null,
  cutoff: false,
  quadrant: "Q1",
  catch_up: "carry",
  state: "todo",
  assignee_id: "me",
  former_ids: [],
  checklist: [],
  notes: [],
  started_at: null,
  started_by: null,
  finished_at: null,
  finished_by: null,
  late: false,
  skip_reason: null,
  carried_from: null,
  created_by: null,
  ...more,
});

export const person = (id: string, more: Partial<Person> = {}): Person => ({
  id,
  name: id,
  role: "agent",
  team_id: "t",
  skill_ids: [],
  active: true,
  ...more,
});

/** A shift of `hours` from a local start. */
export function shift(
  person_id: string,
  day: string,
  start: string,
  hours: number,
  more: Partial<Assignment> = {},
): Assignment {
  const zone = more.zone ?? ZONE;
  const starts_at = at(day, start, zone);
  return {
    id: `${person_id}-${day}-${start}`,
    team_id: "t",
    person_id,
    day,
    shift_type_id: "type",
    start,
    length_min: hours * 60,
    arrive_early_min: 10,
    zone,
    skill_code: "presale",
    letter: "早",
    name: { zh: "早班", en: "Early" },
    shop_id: "shop",
    seat_id: null,
    starts_at,
    ends_at: starts_at + hours * 60 * MINUTE,
    ...more,
  };
}
