/** Every write of the roster screen goes through here: checked, sent in commands of the right size, and undoable. */
import { language, refusal, t } from "../core/i18n";
import { newId } from "../core/ids";
import { formatDay } from "../core/time";
import type { Assignment } from "../gen/api";
import { clock } from "../lib/clock.svelte";
import { data } from "../lib/data.svelte";
import { session } from "../lib/session.svelte";
import { toast } from "../lib/toast.svelte";
import { save } from "../team/save";
import {
  applied,
  byCell,
  cellKey,
  chunks,
  inverse,
  isEmpty,
  overlap,
  plan,
  type Plan,
  type Wish,
} from "./rules";

/** More than anybody takes back; it keeps the memory of a long day bounded. */
const DEPTH = 200;

/** What a cell is to say, given what it says when the write's turn comes. */
export type Change = { person_id: string; day: string; to: (now: Assignment[]) => Wish[] };

type Step = { user: string; plan: Plan };
type Kind = "do" | "undo" | "redo";

let undone = $state.raw<Step[]>([]);
let done = $state.raw<Step[]>([]);
let tail: Promise<unknown> = Promise.resolve();

const me = (): string => session.user?.id ?? "";

export const edits = {
  get canUndo(): boolean {
    return done.at(-1)?.user === me();
  },
  get canRedo(): boolean {
    return undone.at(-1)?.user === me();
  },
  write(changes: Change[]): Promise<boolean> {
    return queued(() => {
      const cells = byCell(data.all("assignment"));
      const wishes = changes.map(({ person_id, day, to }) => {
        const now = cells.get(cellKey(person_id, day)) ?? [];
        return { person_id, day, now, wishes: to(now) };
      });
      return run(plan(wishes, newId), "do");
    });
  },
  /** Runs a plan that was made and shown before, such as the copy of a week. */
  apply(ready: Plan): Promise<boolean> {
    return queued(() => run(ready, "do"));
  },
  undo(): Promise<boolean> {
    return queued(() => step("undo"));
  },
  redo(): Promise<boolean> {
    return queued(() => step("redo"));
  },
};

/** One write at a time: a second one for the same cell must see the first one's row, or it would add another. */
function queued(task: () => Promise<boolean>): Promise<boolean> {
  const turn = tail.then(task);
  tail = turn.catch(() => false);
  return turn;
}

async function step(kind: "undo" | "redo"): Promise<boolean> {
  const stack = kind === "undo" ? done : undone;
  const last = stack.at(-1);
  if (!last || last.user !== me()) return false;
  if (kind === "undo") done = done.slice(0, -1);
  else undone = undone.slice(0, -1);
  return run(last.plan, kind);
}

async function run(next: Plan, kind: Kind): Promise<boolean> {
  if (isEmpty(next)) return true;
  const before = data.all("assignment");
  const find = {
    person: (id: string) => data.get("person", id),
    type: (id: string) => data.get("shift_type", id),
  };
  const after = applied(before, next, find, clock.zone);
  if (!after) {
    toast(refusal("gone"), { kind: "error" });
    return false;
  }
  const touched = new Set(next.put.map((cell) => cell.person_id));
  const pair = overlap(after.filter((row) => touched.has(row.person_id)));
  if (pair) {
    const name = data.get("person", pair[1].person_id)?.name ?? "";
    const day = formatDay(pair[1].day, language());
    const letters = pair.map((row) => row.letter).join(" / ");
    toast(t("roster.clash", { reason: refusal("shift_overlap"), name, day, letters }), { kind: "error" });
    return false;
  }
  const back = { user: me(), plan: inverse(next, before) };
  const owners = new Map(before.map((row) => [row.id, row.person_id]));
  for (const part of chunks(next, (id) => owners.get(id) ?? "")) {
    if (!(await save("roster.set", part))) return false;
  }
  if (kind === "undo") undone = [...undone, back];
  else done = [...done, back].slice(-DEPTH);
  if (kind === "do") undone = [];
  return true;
}
