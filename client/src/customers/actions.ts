/** What is done for buyers. Each says so when it is on disk, and can be taken back from its toast where the rules allow. */
import { t } from "../core/i18n";
import { newId } from "../core/ids";
import type { Callback, CallbackMake, CarePolicy, Channel, ContactLog, Customer, Person } from "../gen/api";
import { clock } from "../lib/clock.svelte";
import { toast } from "../lib/toast.svelte";
import { said, save } from "../team/save";
import { desk } from "./desk.svelte";
import { forget } from "./remote.svelte";
import { titleOf } from "./rules";
import { promiseRefusal } from "./state";
import { buyerName, momentText } from "./words";

export async function promise(args: Omit<CallbackMake, "id">): Promise<boolean> {
  const id = newId();
  desk.promised(args.customer_id);
  const words = { name: buyerName(args.customer_id), time: momentText(args.due_at) };
  return save(
    "callback.make",
    { id, ...args },
    {
      message: said(t("customers.promised", words)),
      undo: () => void save("callback.cancel", { id, reason: t("customers.undone") }),
    },
  );
}

/** A contact has happened and is not taken back; a wrong result is put right by another one. */
export async function log(args: ContactLog): Promise<boolean> {
  const message = said(
    t("customers.logged", {
      name: buyerName(args.customer_id),
      result: t(`customers.result.${args.result}`),
    }),
  );
  const saved = await save("contact.log", args, { message });
  if (saved) desk.settle();
  return saved;
}

/** Back to the old time only while that lies ahead. */
export function move(row: Callback, due_at: number): Promise<boolean> {
  const back = promiseRefusal(row.due_at, clock.exact(), row.channel, clock.zone) === null;
  const words = { name: buyerName(row.customer_id), time: momentText(due_at) };
  return save(
    "callback.move",
    { id: row.id, due_at },
    {
      message: said(t("customers.moved", words)),
      ...(back ? { undo: () => void save("callback.move", { id: row.id, due_at: row.due_at }) } : {}),
    },
  );
}

/** A supervisor may take it back; who gave an own one away can not. */
export function hand(row: Callback, to: Person, oversees: boolean): Promise<boolean> {
  const { owner_id } = row;
  const words = { name: buyerName(row.customer_id), to: to.name };
  return save(
    "callback.hand",
    { id: row.id, to: to.id },
    {
      message: said(t("customers.handed", words)),
      ...(oversees && owner_id !== null
        ? { undo: () => void save("callback.hand", { id: row.id, to: owner_id }) }
        : {}),
    },
  );
}

export function take(row: Callback): Promise<boolean> {
  const { owner_id } = row;
  return save(
    "callback.take",
    { id: row.id },
    {
      message: said(t("customers.taken", { name: buyerName(row.customer_id) })),
      ...(owner_id === null ? {} : { undo: () => void save("callback.hand", { id: row.id, to: owner_id }) }),
    },
  );
}

/** Undone by promising the same once more. */
export function cancel(row: Callback, reason: string): Promise<boolean> {
  const { customer_id, channel, due_at, until_at, owner_id, about, scene } = row;
  const again = { id: newId(), customer_id, channel, due_at, until_at, about, scene };
  const possible =
    row.kind === "promised" && promiseRefusal(due_at, clock.exact(), channel, clock.zone) === null;
  return save(
    "callback.cancel",
    { id: row.id, reason },
    {
      message: said(t("customers.cancelled", { name: buyerName(customer_id) })),
      ...(possible
        ? { undo: () => void save("callback.make", owner_id === null ? again : { ...again, owner_id }) }
        : {}),
    },
  );
}

export function block(card: Customer, channel: Channel, on: boolean): Promise<boolean> {
  const words = { name: titleOf(card), channel: t(`customers.channel.${channel}`) };
  return save(
    "customer.block",
    { id: card.id, channel, on },
    {
      message: said(t(on ? "customers.blocked_on" : "customers.blocked_off", words)),
      undo: () => void save("customer.block", { id: card.id, channel, on: !on }),
    },
  );
}

type Care = Pick<Customer, "tier" | "owner_id" | "ideal_days" | "longest_days">;

export function care(card: Customer, after: Care): Promise<boolean> {
  const { tier, owner_id, ideal_days, longest_days } = card;
  return save(
    "customer.care",
    { id: card.id, ...after },
    {
      message: said(t("customers.care_saved", { name: titleOf(card) })),
      undo: () => void save("customer.care", { id: card.id, tier, owner_id, ideal_days, longest_days }),
    },
  );
}

export function policy(after: CarePolicy, before: CarePolicy | undefined): Promise<boolean> {
  return save("care.policy", after, {
    message: said(t("customers.policy_saved", { name: after.name.zh })),
    ...(before ? { undo: () => void save("care.policy", before) } : {}),
  });
}

/** The number was tapped: kept in the history once per call. */
export function dialled(customer_id: string, row: Callback | null, channel: Channel): void {
  if (desk.dial(customer_id, row, channel))
    void save("customer.reveal", { id: customer_id, reason: t("customers.reveal_call") });
}

/** Several cards become one. `undone` is called when the toast's undo has parted them again. */
export async function merge(
  cards: readonly Customer[],
  into: Customer,
  undone: () => void = () => {},
): Promise<boolean> {
  for (const card of cards)
    if (!(await save("customer.merge", { id: card.id, into_id: into.id }))) return false;
  const words = { name: cards.map(titleOf).join("、"), into: titleOf(into) };
  toast(said(t("customers.merged", words)), {
    kind: "ok",
    undo() {
      for (const card of cards) void save("customer.part", { id: card.id });
      undone();
    },
  });
  return true;
}

export function part(card: Customer): Promise<boolean> {
  const { id, merged_into } = card;
  return save(
    "customer.part",
    { id },
    {
      message: said(t("customers.parted", { name: titleOf(card) })),
      ...(merged_into ? { undo: () => void save("customer.merge", { id, into_id: merged_into }) } : {}),
    },
  );
}

export function tellApart(cards: readonly Customer[]): Promise<boolean> {
  const ids = cards.map((card) => card.id);
  return save("customer.distinct", { ids }, { message: said(t("duplicates.told_apart")) });
}

/** Nothing brings it back: the sheet that leads here says what is lost. */
export async function erase(card: Customer, reason: string): Promise<boolean> {
  const message = said(t("customers.erased", { name: titleOf(card) }));
  const saved = await save("customer.erase", { id: card.id, reason }, { message });
  if (saved) forget(card.id);
  return saved;
}
