/** Optimistic effects of the customers' commands. What the server would refuse has no effect here. */
import type { Callback, Contact, Customer, Person, RefusalCode, SpecialDay } from "../gen/api";
import type { ArgsOf, Ctx, Mutators, View } from "../sync/types";
import * as state from "./state";
import { isRefused } from "./state";

const when = (args: { at?: number }, ctx: Ctx): number => args.at ?? ctx.now;
const zoneOf = (view: View): string => view.all("workspace")[0]?.zone ?? "Asia/Shanghai";

/** Trimmed, or null when it is too long. */
export function typed(text: string, most: number): string | null {
  const trimmed = text.trim();
  return [...trimmed].length > most ? null : trimmed;
}

/** Words without blanks and repetitions, or null when there are too many or one is too long. */
function words(list: string[]): string[] | null {
  const kept = list.map((word) => typed(word, state.WORD_MAX));
  if (list.length > state.LIST_MAX || kept.includes(null)) return null;
  return [...new Set(kept.filter((word) => !!word) as string[])];
}

function specialDays(days: SpecialDay[]): SpecialDay[] | null {
  const kept = days.map((day) => ({ ...day, label: typed(day.label, state.WORD_MAX) }));
  if (days.length > state.LIST_MAX || kept.some((day) => day.label === null)) return null;
  // A leap year: a birthday may be the 29th of February.
  const exists = ({ month, day }: SpecialDay): boolean =>
    month >= 1 && month <= 12 && day >= 1 && day <= new Date(Date.UTC(2024, month, 0)).getUTCDate();
  return days.every(exists) ? (kept as SpecialDay[]) : null;
}

export const isOfTeam = (me: Person | undefined, team_id: string): boolean =>
  me?.team_id === team_id || state.oversees(me, team_id);

/** A held card, if the person may see it. */
function cardOf(view: View, ctx: Ctx, id: string): Customer | undefined {
  const card = view.get("customer", id);
  return card && isOfTeam(view.get("person", ctx.user_id), card.team_id) ? card : undefined;
}

const blank = (id: string, team_id: string, at: number): Customer => ({
  id,
  team_id,
  shop_id: null,
  nick: "",
  name: "",
  phone: "",
  email: "",
  has_address: false,
  tags: [],
  tier: "",
  likes: "",
  sizes: "",
  notes: "",
  special_days: [],
  blocked: [],
  owner_id: null,
  ideal_days: null,
  longest_days: null,
  last_contact_at: null,
  contacts: [],
  created_at: at,
  merged_into: null,
  wrong_number: false,
  bad_email: false,
});

function save(view: View, args: ArgsOf<"customer.save">, ctx: Ctx): void {
  const me = view.get("person", ctx.user_id);
  const known = view.get("customer", args.id);
  if (!me || (known && !isOfTeam(me, known.team_id))) return;
  const after = known ? { ...known } : blank(args.id, me.team_id, when(args, ctx));
  if (args.shop_id) after.shop_id = args.shop_id;
  for (const [field, most] of [
    ["nick", state.WORD_MAX],
    ["name", state.WORD_MAX],
    ["likes", state.TEXT_MAX],
    ["sizes", state.TEXT_MAX],
    ["notes", state.TEXT_MAX],
  ] as const) {
    const text = typed(args[field] ?? after[field], most);
    if (text === null) return;
    after[field] = text;
  }
  const tags = args.tags ? words(args.tags) : after.tags;
  const days = args.special_days ? specialDays(args.special_days) : after.special_days;
  if (tags === null || days === null || (after.nick === "" && after.name === "")) return;
  view.put("customer", { ...after, tags, special_days: days });
}

/** The full number is only shown to those who hold it already, or typed all there is. */
function reach(view: View, args: ArgsOf<"customer.reach">, ctx: Ctx): void {
  const card = cardOf(view, ctx, args.id);
  const phone = args.phone === undefined ? undefined : state.phoneOf(args.phone);
  const email = args.email === undefined ? undefined : state.emailOf(args.email);
  const address = args.address === undefined ? undefined : typed(args.address, state.TEXT_MAX);
  if (!card || phone === null || email === null || address === null) return;
  const isBlank = card.phone === "" && card.email === "" && !card.has_address;
  const held =
    view.get("reach", card.id) ??
    (isBlank ? { id: card.id, phone: "", email: "", address: "", messengers: [] } : undefined);
  view.put("customer", {
    ...card,
    ...(phone === undefined ? {} : { phone: state.maskPhone(phone) }),
    // The same number typed once more is still somebody else's, and mails to the same address still come back.
    ...(phone === undefined || phone === held?.phone ? {} : { wrong_number: false }),
    ...(email === undefined ? {} : { email: state.maskEmail(email) }),
    ...(email === undefined || email === held?.email ? {} : { bad_email: false }),
    ...(address === undefined ? {} : { has_address: address !== "" }),
  });
  if (!held) return;
  view.put("reach", {
    ...held,
    phone: phone ?? held.phone,
    email: email ?? held.email,
    address: address ?? held.address,
    messengers: args.messengers ?? held.messengers,
  });
}

/** The server's order, in which a blocked channel is stored. */
const STORED = ["im", "phone", "sms", "email", "other"] as const;

function blocked(card: Customer, channel: Customer["blocked"][number], on: boolean): Customer["blocked"] {
  return STORED.filter((one) => (one === channel ? on : card.blocked.includes(one)));
}

function log(view: View, args: ArgsOf<"contact.log">, ctx: Ctx): void {
  const at = when(args, ctx);
  const zone = zoneOf(view);
  const note = typed(args.note, state.TEXT_MAX);
  const minutesFit = args.minutes === null || (args.minutes >= 0 && args.minutes <= 1440);
  const card = cardOf(view, ctx, args.customer_id);
  if (note === null || !minutesFit || card?.contacts.some((one) => one.id === args.id)) return;

  if (args.callback_id !== null) {
    const row = mine(view, ctx, args.callback_id);
    const { result, channel, later_at } = args;
    const tries = row ? state.triesOn(row, card?.contacts ?? [], at, zone) : 0;
    const after = row ? state.afterContact(row, { result, channel, later_at, at, tries }, zone) : "gone";
    if (isRefused(after)) return;
    view.put("callback", after);
  }
  if (state.isReal(args.result)) restart(view, args, at);
  if (!card) return;
  const { id, callback_id, channel, result, minutes, campaign_id = null } = args;
  const author_id = ctx.user_id;
  const contact: Contact = { id, callback_id, author_id, channel, result, minutes, note, at, campaign_id };
  const contacts = [contact, ...card.contacts].sort((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1));
  view.put("customer", {
    ...card,
    contacts: contacts.slice(0, state.CONTACTS_SHOWN),
    last_contact_at: state.isReal(result) ? Math.max(card.last_contact_at ?? 0, at) : card.last_contact_at,
    blocked: result === "refused" ? blocked(card, channel, true) : card.blocked,
    wrong_number: card.wrong_number || result === "wrong_number",
  });
}

/** Who was spoken with need not be called for the care's sake; but a time the buyer asked for is a promise. */
function restart(view: View, args: ArgsOf<"contact.log">, at: number): void {
  for (const row of view.all("callback")) {
    if (row.customer_id !== args.customer_id || row.kind !== "care" || !state.isOpen(row)) continue;
    if (args.result === "later" && row.id === args.callback_id) continue;
    view.put("callback", { ...row, state: "cancelled", closed_at: at, level: "calm" });
  }
}

/** A held callback that the person may work on. */
function mine(view: View, ctx: Ctx, id: string): Callback | undefined {
  const row = view.get("callback", id);
  return row && state.mayWork(row, view.get("person", ctx.user_id), ctx.user_id) ? row : undefined;
}

function step(view: View, ctx: Ctx, id: string, of: (row: Callback) => Callback | RefusalCode): void {
  const row = mine(view, ctx, id);
  const after = row ? of(row) : "gone";
  if (!isRefused(after) && after !== row) view.put("callback", after);
}

function give(view: View, ctx: Ctx, id: string, to: string): void {
  step(view, ctx, id, (row) => {
    const person = view.get("person", to);
    if (!state.isOpen(row)) return "wrong_state";
    if (!person?.active || person.team_id !== row.team_id) return "not_in_team";
    return row.owner_id === to ? row : { ...row, owner_id: to };
  });
}

function make(view: View, args: ArgsOf<"callback.make">, ctx: Ctx): void {
  const zone = zoneOf(view);
  const me = view.get("person", ctx.user_id);
  const card = view.get("customer", args.customer_id);
  const owner_id = args.owner_id ?? ctx.user_id;
  const about = typed(args.about, state.TEXT_MAX);
  const scene = typed(args.scene, state.WORD_MAX);
  // A buyer found on the server is not on this device; then it is somebody of the own team.
  const team_id = card?.team_id ?? me?.team_id;
  if (team_id === undefined || !isOfTeam(me, team_id) || about === null || scene === null) return;
  if (view.get("callback", args.id) || card?.blocked.includes(args.channel)) return;
  if (owner_id !== ctx.user_id && view.get("person", owner_id)?.team_id !== team_id) return;
  if (state.promiseRefusal(args.due_at, when(args, ctx), args.channel, zone)) return;
  const { id, customer_id, channel } = args;
  const row: Callback = {
    id,
    customer_id,
    team_id,
    owner_id,
    kind: "promised",
    channel,
    scene,
    about,
    due_at: 0,
    until_at: 0,
    day: "",
    state: "open",
    attempts: 0,
    level: "calm",
    result: null,
    created_by: ctx.user_id,
    closed_at: null,
  };
  view.put("callback", state.schedule(row, args.due_at, args.until_at ?? args.due_at, zone));
}

function gapsFit(ideal: number | null, longest: number | null): boolean {
  const fits = (days: number | null): boolean => days === null || (days >= 1 && days <= state.GAP_MAX);
  return fits(ideal) && fits(longest) && (ideal === null || longest === null || ideal <= longest);
}

/** A held card, if the person supervises its team. */
function overseen(view: View, ctx: Ctx, id: string): Customer | undefined {
  const card = view.get("customer", id);
  return card && state.oversees(view.get("person", ctx.user_id), card.team_id) ? card : undefined;
}

/** Of two cards one stays; which is not on this device is for the server to judge. */
function merge(view: View, { id, into_id }: ArgsOf<"customer.merge">, ctx: Ctx): void {
  const card = overseen(view, ctx, id);
  const into = view.get("customer", into_id);
  if (!card || id === into_id || into?.merged_into || (into && into.team_id !== card.team_id)) return;
  view.put("customer", { ...card, merged_into: into_id });
}

function erase(view: View, { id, reason }: ArgsOf<"customer.erase">, ctx: Ctx): void {
  if (!typed(reason, state.WORD_MAX) || !overseen(view, ctx, id)) return;
  // What is merged into a card is the same person.
  const same = view.all("customer").filter((row) => row.merged_into === id || row.id === id);
  for (const { id: gone } of same) {
    view.del("customer", gone);
    view.del("reach", gone);
    for (const row of view.all("callback")) if (row.customer_id === gone) view.del("callback", row.id);
  }
}

function saveCampaign(view: View, args: ArgsOf<"campaign.save">, ctx: Ctx): void {
  const { id, from, until, tier } = args;
  const me = view.get("person", ctx.user_id);
  const team_id = view.get("campaign", id)?.team_id ?? args.team_id ?? me?.team_id;
  const name = typed(args.name, state.WORD_MAX);
  const tag = typed(args.tag, state.WORD_MAX);
  if (team_id === undefined || !state.oversees(me, team_id) || !name || tag === null) return;
  if (!state.spanFits(from, until) || (tier !== "" && !view.get("care_policy", tier))) return;
  view.put("campaign", { id, team_id, name, from, until, tier, tag });
}

export const mutators: Mutators = {
  "customer.save": save,
  "customer.reach": reach,
  "customer.block"(view, args, ctx) {
    const card = cardOf(view, ctx, args.id);
    if (card) view.put("customer", { ...card, blocked: blocked(card, args.channel, args.on) });
  },
  "customer.care"(view, args, ctx) {
    const card = cardOf(view, ctx, args.id);
    const { tier, owner_id, ideal_days, longest_days } = args;
    if (!card || view.get("person", ctx.user_id)?.role === "agent") return;
    if (tier !== "" && !view.get("care_policy", tier)) return;
    const owner = owner_id === null ? null : view.get("person", owner_id);
    if (owner === undefined || (owner && (!owner.active || owner.team_id !== card.team_id))) return;
    if (gapsFit(ideal_days, longest_days))
      view.put("customer", { ...card, tier, owner_id, ideal_days, longest_days });
  },
  "customer.merge": merge,
  "customer.part"(view, args, ctx) {
    const card = overseen(view, ctx, args.id);
    if (card) view.put("customer", { ...card, merged_into: null });
  },
  "customer.erase": erase,
  "customer.keep"(view, { months }, ctx) {
    if (view.get("person", ctx.user_id)?.role === "owner" && state.mayKeep(months))
      view.put("retention", { id: state.RETENTION, months });
  },
  "contact.log": log,
  "callback.make": make,
  "callback.move": (view, args, ctx) =>
    step(view, ctx, args.id, (row) => {
      if (!state.isOpen(row) || state.isOfChain(row)) return "wrong_state";
      const zone = zoneOf(view);
      const refused = state.promiseRefusal(args.due_at, when(args, ctx), row.channel, zone);
      return refused ?? state.schedule(row, args.due_at, args.due_at + row.until_at - row.due_at, zone);
    }),
  "callback.hand": (view, args, ctx) => give(view, ctx, args.id, args.to),
  "callback.take": (view, args, ctx) => give(view, ctx, args.id, ctx.user_id),
  "callback.cancel": (view, args, ctx) =>
    step(view, ctx, args.id, (row) => {
      const reason = typed(args.reason, state.WORD_MAX);
      if (state.isOfChain(row)) return "wrong_state";
      if (reason === null) return "too_long";
      return reason === "" ? "reason_required" : state.cancel(row, reason, when(args, ctx));
    }),
  "campaign.save": saveCampaign,
  "campaign.drop"(view, { id }, ctx) {
    const row = view.get("campaign", id);
    if (row && state.oversees(view.get("person", ctx.user_id), row.team_id)) view.del("campaign", id);
  },
  "care.policy"(view, { at: _, ...row }, ctx) {
    const zh = typed(row.name.zh, state.WORD_MAX);
    const en = typed(row.name.en, state.WORD_MAX);
    if (!zh || !en || !gapsFit(row.ideal_days, row.longest_days)) return;
    if (view.get("person", ctx.user_id)?.role !== "agent")
      view.put("care_policy", { ...row, name: { zh, en } });
  },
};
