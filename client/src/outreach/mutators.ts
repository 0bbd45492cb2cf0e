/** Optimistic effects of the commands about outreach. What the server would refuse has no effect here. */
import { isOfTeam, typed } from "../customers/mutators";
import { oversees, TEXT_MAX, WORD_MAX } from "../customers/state";
import type { Outreach, RefusalCode, Text } from "../gen/api";
import type { ArgsOf, Ctx, Mutators, View } from "../sync/types";
import { cardsOf, sameCase } from "./cases";
import * as state from "./state";

const when = (args: { at?: number }, ctx: Ctx): number => args.at ?? ctx.now;

const supervises = (view: View, ctx: Ctx): boolean =>
  (view.get("person", ctx.user_id)?.role ?? "agent") !== "agent";

/** A step of a case of one's own team; a call that is no longer wanted leaves the agent's list at once. */
function step(
  view: View,
  ctx: Ctx,
  args: { id: string; at?: number },
  of: (row: Outreach, at: number) => Outreach | RefusalCode,
): void {
  const row = view.get("outreach", args.id);
  const at = when(args, ctx);
  if (!row || !isOfTeam(view.get("person", ctx.user_id), row.team_id)) return;
  const after = of(row, at);
  if (typeof after === "string" || after === row) return;
  view.put("outreach", after);
  const call = row.callback_id === null ? undefined : view.get("callback", row.callback_id);
  if (after.callback_id === null && call?.state === "open")
    view.put("callback", { ...call, state: "cancelled", closed_at: at, level: "calm" });
}

/** The same with words that were typed: too many change nothing. */
function worded(
  view: View,
  ctx: Ctx,
  args: { id: string; at?: number },
  words: string,
  of: (row: Outreach, at: number, words: string) => Outreach | RefusalCode,
): void {
  const said = typed(words, TEXT_MAX);
  if (said !== null) step(view, ctx, args, (row, at) => of(row, at, said));
}

function open(view: View, args: ArgsOf<"outreach.open">, ctx: Ctx): void {
  const { id, customer_id, reason_id } = args;
  const me = view.get("person", ctx.user_id);
  const card = view.get("customer", customer_id);
  const reason = view.get("outreach_reason", reason_id);
  const chain = view.get("chain", args.chain_id ?? reason?.chain_id ?? "");
  // A buyer found on the server is not on this device; then it is somebody of the own team.
  const team_id = card?.team_id ?? me?.team_id;
  const about = typed(args.about, TEXT_MAX);
  const order_number = typed(args.order_number, WORD_MAX);
  if (team_id === undefined || !isOfTeam(me, team_id) || about === null || order_number === null) return;
  if (!reason || reason.archived || !chain?.enabled || chain.whom !== "buyer") return;
  const cards = cardsOf(view.all("customer"), customer_id);
  if (view.get("outreach", id) || sameCase(view.all("outreach"), cards, reason_id, order_number)) return;
  view.put("outreach", {
    id,
    team_id,
    shop_id: card?.shop_id ?? null,
    customer_id,
    reason_id,
    about,
    order_number,
    chain_id: chain.id,
    steps: chain.steps,
    step: 0,
    channel: null,
    state: "running",
    phase: "planned",
    next_at: null,
    callback_id: null,
    attempts: 0,
    decide_at: null,
    return_by: null,
    locale: args.locale ?? view.all("workspace")[0]?.locale ?? "zh-CN",
    created_by: ctx.user_id,
    created_at: when(args, ctx),
    closed_at: null,
    outcome: "",
    log: [],
  });
}

function named(name: Text): Text | null {
  const [zh, en] = [typed(name.zh, WORD_MAX), typed(name.en, WORD_MAX)];
  return zh && en ? { zh, en } : null;
}

/** The last of a list that people put in order. */
const last = (rows: { position: number }[]): number => Math.max(-1, ...rows.map((row) => row.position)) + 1;

export const mutators: Mutators = {
  "outreach.open": open,
  "outreach.answer": (view, args, ctx) =>
    worded(view, ctx, args, args.note, (row, at, note) =>
      state.answer(row, { ...args, note }, ctx.user_id, at),
    ),
  "outreach.turn": (view, args, ctx) =>
    worded(view, ctx, args, args.note, (row) => {
      const cards = cardsOf(view.all("customer"), row.customer_id);
      const other = sameCase(view.all("outreach"), cards, row.reason_id, row.order_number);
      return state.mayGoOn(row) && other ? "already_open" : state.turn(row, args.ours);
    }),
  "outreach.close": (view, args, ctx) =>
    worded(view, ctx, args, args.reason, (row, at, why) => state.close(row, why, at)),
  "outreach.returned": (view, args, ctx) =>
    worded(view, ctx, args, args.note, (row, at, note) => state.returned(row, note, at)),
  "outreach.decide": (view, args, ctx) =>
    step(view, ctx, args, (row, at) => {
      if (!oversees(view.get("person", ctx.user_id), row.team_id)) return "forbidden";
      const days = state.returnDays(view.all("outreach_hours"), row.shop_id);
      return state.decide(row, args.decision, at, days);
    }),
  "outreach.next": (view, args, ctx) =>
    step(view, ctx, args, (row) =>
      oversees(view.get("person", ctx.user_id), row.team_id) ? state.next(row, args.step) : "forbidden",
    ),
  // Whether the steps make a chain is for the server to judge.
  "chain.save"(view, { id, name: typed, steps, enabled }, ctx) {
    const known = view.get("chain", id);
    const name = named(typed);
    const needed = view.all("outreach_reason").some((one) => one.chain_id === id && !one.archived);
    if (!name || (known?.enabled && !enabled && needed) || !supervises(view, ctx)) return;
    const { code = null, whom = "buyer", position = last(view.all("chain")) } = known ?? {};
    view.put("chain", { id, code, name, whom, steps, enabled, position });
  },
  "chain.drop"(view, { id }, ctx) {
    if (view.get("chain", id)?.code === null && supervises(view, ctx)) view.del("chain", id);
  },
  "outreach_reason.save"(view, { at: _, ...args }, ctx) {
    const { code = null, position = last(view.all("outreach_reason")) } =
      view.get("outreach_reason", args.id) ?? {};
    const name = named(args.name);
    const chain = view.get("chain", args.chain_id);
    if (name && chain && (chain.enabled || args.archived) && supervises(view, ctx))
      view.put("outreach_reason", { ...args, name, code, position });
  },
  "outreach_hours.save"(view, { at: _, ...row }, ctx) {
    if (supervises(view, ctx)) view.put("outreach_hours", row);
  },
  "outreach_hours.drop"(view, { id }, ctx) {
    if (view.get("outreach_hours", id)?.shop_id && supervises(view, ctx)) view.del("outreach_hours", id);
  },
};
