import { openDB, unwrap, type DBSchema, type IDBPDatabase, type StoreNames } from "idb";
import { realTimers, type Timers } from "../core/timers";
import type { Reject } from "../gen/api";
import {
  ackedThrough,
  beginsAnew,
  emptied,
  freshMeta,
  JOURNAL_MS,
  judge,
  renumber,
  SCHEMA,
  settledMeta,
  type Asked,
  type Book,
  type Disk,
  type Draft,
  type Keys,
  type Meta,
  type Settled,
} from "./book";
import type { Mutation, PullReply } from "./types";

interface Lease {
  tab: string;
  until: number;
}

interface Acknowledged extends Mutation {
  acked_at: number;
}

interface Shape extends DBSchema {
  meta: { key: string; value: Meta | Lease };
  rows: { key: string; value: unknown };
  outbox: { key: number; value: Mutation };
  journal: { key: number; value: Acknowledged };
  parked: { key: string; value: Reject };
}
type Store = StoreNames<Shape>;

/** A hung open is a known fault of WebKit; after this long it counts as refused. */
const OPEN_MS = 10_000;

/** One IndexedDB per user. Its readwrite transactions are in line across tabs, which is what keeps ids unique. */
export class IdbDisk implements Disk {
  private db: IDBPDatabase<Shape> | null = null;
  private closed = false;

  constructor(
    private readonly userId: string,
    private readonly timers: Timers = realTimers,
  ) {}

  async open(keys: Keys): Promise<void> {
    const tx = await this.write(["meta", "rows"]);
    const metas = tx.objectStore("meta");
    const found = (await metas.get("meta")) as Meta | undefined;
    if (!found) {
      await metas.put(freshMeta(keys), "meta");
    } else if (found.schema !== SCHEMA) {
      // The rows are a copy and may be dropped; the outbox is never touched by a new version.
      await tx.objectStore("rows").clear();
      await metas.put({ ...emptied(found), schema: SCHEMA }, "meta");
    }
    await tx.done;
  }

  async book(): Promise<Book> {
    const tx = await this.read(["meta", "outbox", "parked"]);
    const [meta, outbox, parked] = await Promise.all([
      tx.objectStore("meta").get("meta") as Promise<Meta>,
      tx.objectStore("outbox").getAll(),
      tx.objectStore("parked").getAll(),
      tx.done,
    ]);
    return { meta, outbox, parked };
  }

  async load(): Promise<Book & { rows: [string, unknown][] }> {
    const tx = await this.read(["meta", "outbox", "parked", "rows"]);
    const store = tx.objectStore("rows");
    const [meta, outbox, parked, keys, values] = await Promise.all([
      tx.objectStore("meta").get("meta") as Promise<Meta>,
      tx.objectStore("outbox").getAll(),
      tx.objectStore("parked").getAll(),
      store.getAllKeys(),
      store.getAll(),
      tx.done,
    ]);
    return { meta, outbox, parked, rows: keys.map((key, i) => [key, values[i]]) };
  }

  async append(draft: Draft): Promise<Mutation> {
    const tx = await this.write(["meta", "outbox"]);
    const meta = (await tx.objectStore("meta").get("meta")) as Meta;
    const mutation: Mutation = { clientID: meta.clientID, id: meta.next_id, ...draft };
    await tx.objectStore("outbox").add(mutation);
    await tx.objectStore("meta").put({ ...meta, next_id: meta.next_id + 1, rev: meta.rev + 1 }, "meta");
    await tx.done;
    return mutation;
  }

  async settle(asked: Asked, reply: PullReply, now: number, offset: number): Promise<Settled> {
    const tx = await this.write(["meta", "rows", "outbox", "journal"]);
    const meta = (await tx.objectStore("meta").get("meta")) as Meta;
    const outbox = tx.objectStore("outbox");
    const journal = tx.objectStore("journal");
    const through = ackedThrough(meta, reply);
    const settled = beginsAnew(reply) ? await journal.getAll() : [];
    const refused = judge(meta, asked, reply, settled);
    if (refused) return refused;

    // Through the raw store: a first sync of thousands of rows costs a third less without a promise for each.
    const rows = unwrap(tx.objectStore("rows")) as unknown as IDBObjectStore;
    for (const op of reply.patch) {
      if (op.op === "put") rows.put(op.value, op.key);
      else if (op.op === "del") rows.delete(op.key);
      else rows.clear();
    }
    if (through > 0) {
      const acknowledged = await outbox.getAll(IDBKeyRange.upperBound(through));
      for (const mutation of acknowledged) await journal.add({ ...mutation, acked_at: now });
      if (acknowledged.length > 0) await outbox.delete(IDBKeyRange.upperBound(through));
    }
    let old = await journal.openCursor();
    while (old && old.value.acked_at < now - JOURNAL_MS) {
      await old.delete();
      old = await old.continue();
    }
    await tx.objectStore("meta").put(settledMeta(meta, reply, now, offset), "meta");
    await tx.done;
    return "applied";
  }

  async rekey(from: string, keys: Keys): Promise<void> {
    const tx = await this.write(["meta", "outbox", "journal"]);
    const meta = (await tx.objectStore("meta").get("meta")) as Meta;
    if (meta.clientGroupID !== from) return;
    const outbox = tx.objectStore("outbox");
    const journal = tx.objectStore("journal");
    const sent = (await journal.getAll()).map(({ acked_at: _, ...mutation }) => mutation);
    const again = renumber([...sent, ...(await outbox.getAll())], keys.clientID);
    await Promise.all([journal.clear(), outbox.clear()]);
    for (const mutation of again) await outbox.add(mutation);
    const next = { ...meta, ...keys, cookie: null, next_id: again.length + 1, rev: meta.rev + 1 };
    await tx.objectStore("meta").put(next, "meta");
    await tx.done;
  }

  async park(uid: string, reject: Reject, clientID: string): Promise<void> {
    const tx = await this.write(["meta", "outbox", "parked"]);
    const meta = (await tx.objectStore("meta").get("meta")) as Meta;
    const outbox = tx.objectStore("outbox");
    const all = await outbox.getAll();
    const rest = renumber(
      all.filter((m) => m.uid !== uid),
      clientID,
    );
    if (rest.length === all.length) return;
    await outbox.clear();
    for (const mutation of rest) await outbox.add(mutation);
    await tx.objectStore("parked").put(reject);
    const next = { ...meta, clientID, next_id: rest.length + 1, rev: meta.rev + 1 };
    await tx.objectStore("meta").put(next, "meta");
    await tx.done;
  }

  async unpark(uid: string): Promise<void> {
    const tx = await this.write(["meta", "parked"]);
    await tx.objectStore("parked").delete(uid);
    const meta = (await tx.objectStore("meta").get("meta")) as Meta;
    await tx.objectStore("meta").put({ ...meta, rev: meta.rev + 1 }, "meta");
    await tx.done;
  }

  async wipe(): Promise<void> {
    const tx = await this.write(["meta", "rows"]);
    const meta = (await tx.objectStore("meta").get("meta")) as Meta;
    await tx.objectStore("rows").clear();
    await tx.objectStore("meta").put(emptied(meta), "meta");
    await tx.done;
  }

  async rev(): Promise<number> {
    const tx = await this.read(["meta"]);
    return ((await tx.objectStore("meta").get("meta")) as Meta).rev;
  }

  async lease(tab: string, now: number, ms: number): Promise<boolean> {
    const tx = await this.write(["meta"]);
    const held = (await tx.objectStore("meta").get("lease")) as Lease | undefined;
    // A lease further away than one can be asked for was written under another clock.
    const free = !held || held.tab === tab || held.until <= now || held.until > now + ms;
    if (free) await tx.objectStore("meta").put({ tab, until: now + ms }, "lease");
    await tx.done;
    return free;
  }

  close(): void {
    this.closed = true;
    this.drop();
  }

  private drop(): void {
    this.db?.close();
    this.db = null;
  }

  private read<S extends Store>(stores: S[]) {
    return this.begin(stores, "readonly");
  }

  private write<S extends Store>(stores: S[]) {
    return this.begin(stores, "readwrite");
  }

  private async begin<S extends Store, M extends "readonly" | "readwrite">(stores: S[], mode: M) {
    const begin = (db: IDBPDatabase<Shape>) => {
      const tx = db.transaction(stores, mode, { durability: "strict" });
      // A failed request rejects both its own promise and this one; the caller hears of it through the first.
      tx.done.catch(() => {});
      return tx;
    };
    try {
      return begin(await this.connect());
    } catch (error) {
      // The browser closes connections of its own accord, above all on phones.
      if ((error as DOMException).name !== "InvalidStateError") throw error;
      this.drop();
      return begin(await this.connect());
    }
  }

  private async connect(): Promise<IDBPDatabase<Shape>> {
    if (this.db) return this.db;
    if (this.closed) throw new Error("closed");
    if (typeof indexedDB === "undefined") throw new Error("no IndexedDB");
    const opening = openDB<Shape>(`dutyboard-${this.userId}`, 1, {
      upgrade(db, _from, _to, tx) {
        // Of a failure the opening itself tells.
        tx.done.catch(() => {});
        db.createObjectStore("meta");
        db.createObjectStore("rows");
        db.createObjectStore("outbox", { keyPath: "id" });
        db.createObjectStore("journal", { autoIncrement: true });
        db.createObjectStore("parked", { keyPath: "id" });
      },
      blocking: () => this.drop(),
      terminated: () => (this.db = null),
    });
    let cancel = (): void => {};
    const late = new Promise<never>((_, reject) => {
      cancel = this.timers.after(OPEN_MS, () => reject(new Error("IndexedDB does not open")));
    });
    try {
      return (this.db = await Promise.race([opening, late]));
    } finally {
      cancel();
    }
  }
}
