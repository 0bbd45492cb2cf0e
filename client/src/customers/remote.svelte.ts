/** Buyers that are not on this device: found, read and revealed by asking the server. Kept in memory, for one person. */
import { jsonOf } from "../core/http";
import type { Customer, CustomerFile, Duplicates, Erasure, Reach, StoredFile } from "../gen/api";
import { data } from "../lib/data.svelte";
import { session } from "../lib/session.svelte";

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

/** An erased buyer is not remembered here either. */
export function forget(id: string): void {
  const { user_id, cards, reaches } = own();
  const without = <T>(map: ReadonlyMap<string, T>): Map<string, T> =>
    new Map([...map].filter(([key]) => key !== id));
  seen = { user_id, cards: without(cards), reaches: without(reaches) };
}

const path = (id: string, more = ""): string => `/api/v1/customers/${encodeURIComponent(id)}${more}`;
const asked = (reason: string): RequestInit => ({
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ reason }),
});

/** Masked cards whose nick, name, number, mail or tags hold the fragment; 50 at most. */
export async function find(fragment: string): Promise<Customer[]> {
  const found = await session.json<Customer[]>(`/api/v1/customers?q=${encodeURIComponent(fragment)}`);
  keep(found);
  return found;
}

export async function fileOf(id: string): Promise<CustomerFile> {
  const file = await session.json<CustomerFile>(path(id));
  keep([file.card, ...file.merged]);
  return file;
}

/** That somebody read it, and why, is in the history before it is answered. */
export async function reveal(id: string, reason: string): Promise<void> {
  const reach = await session.json<Reach>(path(id, "/reveal"), asked(reason));
  const before = own();
  seen = { ...before, reaches: new Map([...before.reaches, [id, reach]]) };
}

/** Everything known of the buyer, as JSON. That somebody took it, and why, is in the history. */
export async function exportOf(id: string, reason: string): Promise<Blob> {
  const known = await session.json<unknown>(path(id, "/export"), asked(reason));
  return new Blob([JSON.stringify(known, null, 2)], { type: "application/json" });
}

/** Without a time limit: a photo takes its time on a bad network. */
export async function addFile(id: string, file: File): Promise<StoredFile> {
  const reply = await session.open(path(id, `/files?name=${encodeURIComponent(file.name)}`), {
    method: "POST",
    headers: { "content-type": file.type },
    body: file,
  });
  return jsonOf<StoredFile>(reply);
}

export async function bytesOf(id: string, file: StoredFile): Promise<Blob> {
  const reply = await session.open(path(id, `/files/${encodeURIComponent(file.id)}`), {});
  return reply.ok ? reply.blob() : jsonOf<never>(reply);
}

export async function duplicatesOf(team_id: string): Promise<Duplicates[]> {
  const groups = await session.json<Duplicates[]>(
    `/api/v1/customers/duplicates?team_id=${encodeURIComponent(team_id)}`,
  );
  keep(groups.flatMap((group) => group.cards));
  return groups;
}

export const erasures = (): Promise<Erasure[]> => session.json<Erasure[]>("/api/v1/erasures");
