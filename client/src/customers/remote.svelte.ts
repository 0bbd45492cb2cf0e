/** Buyers that are not on this device: found, read and revealed by asking the server. Kept in memory, for one person. */
import type { Callback, Contact, Customer, Reach } from "../gen/api";
import { data } from "../lib/data.svelte";
import { session } from "../lib/session.svelte";

/** A buyer whole: the card (masked), every contact, every callback. */
export interface CustomerFile {
  card: Customer;
  contacts: Contact[];
  callbacks: Callback[];
}

interface Seen {
  user_id: string | undefined;
  cards: ReadonlyMap<string, Customer>;
  reaches: ReadonlyMap<string, Reach>;
}

let seen = $state.raw<Seen>({ user_id: undefined, cards: new Map(), reaches: new Map() });

/** What this person has seen; another one begins with nothing. */
function own(): Seen {
  const user_id = session.user?.id;
  return seen.user_id === user_id ? seen : { user_id, cards: new Map(), reaches: new Map() };
}

function keep(cards: Customer[]): void {
  const before = own();
  const after = new Map(before.cards);
  for (const card of cards) after.set(card.id, card);
  seen = { ...before, cards: after };
}

/** The card on this device, else as the server last told it. */
export const cardOf = (id: string | null | undefined): Customer | undefined =>
  data.get("customer", id) ?? (id ? own().cards.get(id) : undefined);

/** Number and addresses in full, if they are held here or were revealed. */
export const reachOf = (id: string): Reach | undefined => data.get("reach", id) ?? own().reaches.get(id);

/** Masked cards whose nick, name, number, mail or tags hold the fragment; 50 at most. */
export async function find(fragment: string): Promise<Customer[]> {
  const found = await session.json<Customer[]>(`/api/v1/customers?q=${encodeURIComponent(fragment)}`);
  keep(found);
  return found;
}

export async function fileOf(id: string): Promise<CustomerFile> {
  const file = await session.json<CustomerFile>(`/api/v1/customers/${encodeURIComponent(id)}`);
  keep([file.card]);
  return file;
}

/** That somebody read it, and why, is in the history before it is answered. */
export async function reveal(id: string, reason: string): Promise<void> {
  const reach = await session.json<Reach>(`/api/v1/customers/${encodeURIComponent(id)}/reveal`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ reason }),
  });
  const before = own();
  seen = { ...before, reaches: new Map([...before.reaches, [id, reach]]) };
}
