import type { Reject } from "../gen/api";
import type { Cookie, Mutation, PullReply } from "./types";

/** The version of the command arguments and rows this build speaks. */
export const SCHEMA = "1";
/** How long acknowledged edits are kept, to be sent again should the server come back from an old backup. */
export const JOURNAL_MS = 7 * 24 * 3_600_000;

/** What a device knows of itself and of its view, beside the rows. */
export interface Meta {
  clientID: string;
  clientGroupID: string;
  cookie: Cookie;
  next_id: number;
  schema: string;
  /** Grows with every write, so that a tab can see that another one wrote. */
  rev: number;
  /** Grows when the rows change. */
  view: number;
  /** Whether the rows are a whole view; false before the first sync and after the view was wiped. */
  has_view: boolean;
  /** Server time of the last successful pull. */
  last_sync: number | null;
  /** Server clock minus device clock, in ms. */
  offset: number;
  /** After how many hours without a sync the view is hidden. */
  view_hours: number;
}

export interface Book {
  meta: Meta;
  outbox: Mutation[];
  parked: Reject[];
}

export interface Draft {
  uid: string;
  name: string;
  args: Record<string, unknown>;
  timestamp: number;
  schema: string;
}

export interface Keys {
  clientID: string;
  clientGroupID: string;
}

/** What was asked, to be compared with what is there when the answer arrives. */
export interface Asked {
  cookie: Cookie;
  clientGroupID: string;
}

/**
 * - applied: the patch, the cookie and the acknowledgements are on disk
 * - moved: another tab changed the view meanwhile; nothing was done
 * - older: the answer is from before what we have; nothing was done
 * - future: the server knows edits of this client that were never made here (this disk is an old copy)
 * - past: the server has forgotten edits of this client that it had acknowledged (it is an old copy)
 */
export type Settled = "applied" | "moved" | "older" | "future" | "past";

/**
 * Where edits and rows are kept. Every method is one transaction: after a crash either all of it happened or
 * nothing did. A resolved `append` is on disk.
 */
export interface Disk {
  open(keys: Keys): Promise<void>;
  book(): Promise<Book>;
  /** The book and the rows, from one moment. */
  load(): Promise<Book & { rows: [string, unknown][] }>;
  append(draft: Draft): Promise<Mutation>;
  settle(asked: Asked, reply: PullReply, now: number, offset: number): Promise<Settled>;
  /** A new client and group; the outbox and the journal are numbered anew under their old uids. */
  rekey(from: string, keys: Keys): Promise<void>;
  /** Takes one edit out of the queue and shows it as a rejection; the rest moves to a new client without a hole. */
  park(uid: string, reject: Reject, clientID: string): Promise<void>;
  unpark(uid: string): Promise<void>;
  /** Forgets the rows. The outbox and the journal stay. */
  wipe(): Promise<void>;
  rev(): Promise<number>;
  /** For browsers without Web Locks: true if `tab` may lead until `now + ms`. */
  lease(tab: string, now: number, ms: number): Promise<boolean>;
  close(): void;
}

export function freshMeta(keys: Keys): Meta {
  return {
    ...keys,
    cookie: null,
    next_id: 1,
    schema: SCHEMA,
    rev: 0,
    view: 0,
    has_view: false,
    last_sync: null,
    offset: 0,
    view_hours: 72,
  };
}

export function sameCookie(a: Cookie, b: Cookie): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

export function orderOf(cookie: Cookie): number {
  return cookie?.order ?? -1;
}

/** Whether an answer may be applied to the view it finds. `settled` are edits known to be acknowledged. */
export function judge(
  meta: Meta,
  asked: Asked,
  reply: PullReply,
  settled: Pick<Mutation, "clientID" | "id">[],
): Exclude<Settled, "applied"> | null {
  if (meta.clientGroupID !== asked.clientGroupID || !sameCookie(meta.cookie, asked.cookie)) return "moved";
  if (orderOf(reply.cookie) < orderOf(meta.cookie)) return "older";
  if (ackedThrough(meta, reply) >= meta.next_id) return "future";
  const lmids = reply.lastMutationIDChanges;
  if (beginsAnew(reply) && settled.some((m) => m.id > (lmids[m.clientID] ?? 0))) return "past";
  return null;
}

/** Whether an answer holds all rows; such a one names every client of the group. */
export function beginsAnew(reply: PullReply): boolean {
  return reply.patch[0]?.op === "clear";
}

/** The highest id of this client whose effects are in the answer; 0 when it says nothing of this client. */
export function ackedThrough(meta: Meta, reply: PullReply): number {
  return reply.lastMutationIDChanges[meta.clientID] ?? 0;
}

export function settledMeta(meta: Meta, reply: PullReply, now: number, offset: number): Meta {
  let view_hours = meta.view_hours;
  for (const op of reply.patch) {
    if (op.op !== "put" || !op.key.startsWith("workspace/")) continue;
    const hours = (op.value as { view_hours?: unknown }).view_hours;
    if (typeof hours === "number") view_hours = hours;
  }
  return {
    ...meta,
    cookie: reply.cookie,
    rev: meta.rev + 1,
    view: meta.view + (reply.patch.length > 0 ? 1 : 0),
    has_view: true,
    last_sync: now,
    offset,
    view_hours,
  };
}

/** After the rows were dropped. */
export function emptied(meta: Meta): Meta {
  return { ...meta, cookie: null, has_view: false, rev: meta.rev + 1, view: meta.view + 1 };
}

/** The edits under a new client, numbered from 1; each appears once, in the order first made. */
export function renumber(records: Mutation[], clientID: string): Mutation[] {
  const seen = new Set<string>();
  const kept = records.filter((m) => !seen.has(m.uid) && seen.add(m.uid));
  return kept.map((m, i) => ({ ...m, clientID, id: i + 1 }));
}
