/** Which cases belong together: of one person, and about one matter. Pure. */
import type { Customer, Outreach } from "../gen/api";
import { isOpen } from "./state";

type Card = Pick<Customer, "id" | "merged_into">;

/** Every card of the person that a card is of, as far as this device holds them. */
export function cardsOf(cards: readonly Card[], id: string): Set<string> {
  const head = cards.find((card) => card.id === id)?.merged_into ?? id;
  const others = cards.filter((card) => card.merged_into === head);
  return new Set([id, head, ...others.map((card) => card.id)]);
}

/** The open case about the same: the person, the reason and the order. One thing is not asked about twice. */
export function sameCase(
  rows: readonly Outreach[],
  cards: ReadonlySet<string>,
  reason_id: string,
  order_number: string,
): Outreach | undefined {
  return rows.find(
    (row) =>
      isOpen(row) &&
      cards.has(row.customer_id) &&
      row.reason_id === reason_id &&
      row.order_number === order_number,
  );
}

/** All cases of a person, open ones first, then the newest; what this device holds is newer than what was read. */
export function together(
  held: readonly Outreach[],
  read: readonly Outreach[],
  cards: ReadonlySet<string>,
): Outreach[] {
  const theirs = new Set(read.map((row) => row.id));
  const own = held.filter((row) => cards.has(row.customer_id) || theirs.has(row.id));
  const known = new Set(own.map((row) => row.id));
  return [...own, ...read.filter((row) => !known.has(row.id))].sort(
    (a, b) => Number(isOpen(b)) - Number(isOpen(a)) || b.created_at - a.created_at,
  );
}
