/** Copying last week: decided in full before anything is written, so that it can be shown first. */
import type { Assignment, Person, ShiftType } from "../gen/api";
import { addDays } from "../core/time";
import { applied, byCell, cellKey, overlap, plan, wishesOf, type CellWish, type Plan } from "./rules";

export type DropReason = "left" | "archived";
export type CopyPreview = {
  plan: Plan;
  /** Last week's shifts that will be copied. */
  copied: Assignment[];
  /** Cells that would say something else, with what stands in the way; only full ones can be written over. */
  conflicts: { person_id: string; day: string; from: Assignment[]; against: Assignment[] }[];
  dropped: { row: Assignment; reason: DropReason }[];
  /** Cells that already say the same. */
  unchanged: number;
};

type World = { people: Person[]; types: ShiftType[]; zone: string };
type Target = CellWish & { from: Assignment[] };

/**
 * `from` is last week, `rows` everything that may touch the target week. With `replace`, full cells are written over;
 * a cell whose copy would overlap a shift that stays is left alone either way.
 */
export function copyWeek(
  from: Assignment[],
  rows: Assignment[],
  world: World,
  replace: boolean,
  newId: () => string,
): CopyPreview {
  const people = new Map(world.people.map((person) => [person.id, person]));
  const types = new Map(world.types.map((type) => [type.id, type]));
  const find = { person: (id: string) => people.get(id), type: (id: string) => types.get(id) };
  const out: CopyPreview = {
    plan: { put: [], remove: [] },
    copied: [],
    conflicts: [],
    dropped: [],
    unchanged: 0,
  };

  const usable = from.filter((row) => {
    const left = !people.get(row.person_id)?.active;
    const archived = types.get(row.shift_type_id)?.archived ?? true;
    if (left || archived) out.dropped.push({ row, reason: left ? "left" : "archived" });
    return !left && !archived;
  });

  const now = byCell(rows);
  const targets = new Map<string, Target[]>();
  for (const source of byCell(usable).values()) {
    const { person_id, day: source_day } = source[0]!;
    const day = addDays(source_day, 7);
    const target = {
      person_id,
      day,
      now: now.get(cellKey(person_id, day)) ?? [],
      wishes: wishesOf(source),
      from: source,
    };
    targets.set(person_id, [...(targets.get(person_id) ?? []), target]);
  }

  for (const [person_id, cells] of targets) {
    const own = rows.filter((row) => row.person_id === person_id);
    let open: Target[] = [];
    for (const cell of cells) {
      const change = plan([cell], newId);
      if (change.put.length + change.remove.length === 0) out.unchanged += 1;
      else {
        if (cell.now.length > 0)
          out.conflicts.push({ person_id, day: cell.day, from: cell.from, against: cell.now });
        if (cell.now.length === 0 || replace) open.push(cell);
      }
    }
    for (;;) {
      const change = plan(open, newId);
      const after = applied(own, change, find, world.zone) ?? own;
      const pair = overlap(after);
      const fresh = pair && pair.find((row) => change.put.some((cell) => cell.id === row.id));
      if (!pair || !fresh) {
        out.plan.put.push(...change.put);
        out.plan.remove.push(...change.remove);
        out.copied.push(...open.flatMap((cell) => cell.from));
        break;
      }
      const cell = open.find(({ day }) => day === fresh.day)!;
      open = open.filter((other) => other !== cell);
      if (cell.now.length === 0)
        out.conflicts.push({
          person_id,
          day: cell.day,
          from: cell.from,
          against: pair.filter((row) => row !== fresh),
        });
    }
  }
  return out;
}
