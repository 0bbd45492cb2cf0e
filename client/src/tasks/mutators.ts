/** Optimistic effects of the box commands. What the server would refuse has no effect here; it lands in "needs attention". */
import type { Box, Person } from "../gen/api";
import type { Ctx, Mutators, View } from "../sync/types";
import * as state from "./state";
import { isRefused, standingOf, type Outcome, type Standing } from "./state";

type Step = (box: Box, who: Standing, me: Person | undefined) => Outcome;

function apply(view: View, ctx: Ctx, id: string, step: Step): void {
  const box = view.get("box", id);
  if (!box) return;
  const me = view.get("person", ctx.user_id);
  const after = step(box, standingOf(me, ctx.user_id, box), me);
  if (!isRefused(after) && after !== box) view.put("box", after);
}

/** When the person says it happened; the engine stamps every command, old ones on disk may lack it. */
const when = (args: { at?: number }, ctx: Ctx): number => args.at ?? ctx.now;

export const mutators: Mutators = {
  "box.start": (view, args, ctx) =>
    apply(view, ctx, args.id, (box, who) => state.start(box, who, ctx.user_id, when(args, ctx))),
  "box.finish": (view, args, ctx) =>
    apply(view, ctx, args.id, (box, who) => state.finish(box, who, ctx.user_id, when(args, ctx))),
  "box.reopen": (view, args, ctx) => apply(view, ctx, args.id, state.reopen),
  "box.skip": (view, args, ctx) =>
    apply(view, ctx, args.id, (box, who) => state.skip(box, who, ctx.user_id, args.reason, when(args, ctx))),
  "box.check": (view, args, ctx) =>
    apply(view, ctx, args.id, (box, who) => state.check(box, who, args.index, args.done)),
  "box.note": (view, args, ctx) =>
    apply(view, ctx, args.id, (box, who) =>
      state.note(box, who, ctx.user_id, args.note_id, args.text, when(args, ctx)),
    ),
  "box.hand": (view, args, ctx) =>
    apply(view, ctx, args.id, (box, who) => state.hand(box, who, view.get("person", args.to))),
  "box.take": (view, args, ctx) => apply(view, ctx, args.id, state.take),
  "box.assign": (view, args, ctx) =>
    apply(view, ctx, args.id, (box, who) =>
      state.assign(box, who, args.to === null ? null : view.get("person", args.to)),
    ),
  "box.quadrant": (view, args, ctx) =>
    apply(view, ctx, args.id, (box, who) => {
      if (who !== "overseer") return "forbidden";
      return box.quadrant === args.quadrant ? box : { ...box, quadrant: args.quadrant };
    }),

  "box.edit": (view, args, ctx) =>
    apply(view, ctx, args.id, (box, who) => {
      if (who !== "overseer") return "forbidden";
      const { title = box.title, times } = args;
      const zh = state.typed(title.zh, state.TITLE_MAX);
      const en = state.typed(title.en, state.TITLE_MAX);
      const after: Box = { ...box, ...times, title: { zh: zh.text, en: en.text } };
      if (times) after.due_at = times.due_at ?? times.end_at;
      return zh.refused ?? en.refused ?? (times ? state.timesRefusal(times) : null) ?? after;
    }),

  "box.create": (view, args, ctx) => {
    const me = view.get("person", ctx.user_id);
    const team_id = args.assignee_id === null ? me?.team_id : view.get("person", args.assignee_id)?.team_id;
    if (team_id === undefined || view.get("box", args.id)) return;
    const title = state.typed(args.title, state.TITLE_MAX);
    if (title.refused || state.timesRefusal(args)) return;
    const box: Box = {
      id: args.id,
      team_id,
      day: args.day,
      origin: "own",
      pack_code: null,
      task_code: null,
      slot: null,
      title: { zh: title.text, en: title.text },
      skill_code: null,
      kind: args.kind,
      start_at: args.start_at,
      end_at: args.end_at,
      due_at: args.due_at ?? args.end_at,
      cutoff: false,
      quadrant: args.quadrant,
      catch_up: "carry",
      state: "todo",
      assignee_id: args.assignee_id,
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
      created_by: ctx.user_id,
    };
    // Agents add tasks for themselves, supervisors for anybody of the team or for the pool.
    if (args.assignee_id !== ctx.user_id && standingOf(me, ctx.user_id, box) !== "overseer") return;
    view.put("box", box);
  },
};
