import "fake-indexeddb/auto";
import { forceCloseDatabase, IDBFactory } from "fake-indexeddb";
import type { Reject } from "../../gen/api";
import type { Meta } from "../book";
import type { Mutation } from "../types";
import type { Owner, Scheduler } from "./scheduler";

/** What is on a phone's disk for one user, as committed. */
export interface Held {
  meta: Meta;
  outbox: Mutation[];
  journal: Mutation[];
  parked: Reject[];
  rows: [string, unknown][];
}

// The parts of fake-indexeddb's inside that a power cut, an eviction and a look at the platter need.
interface Transaction {
  _state: string;
  _started: boolean;
  mode: string;
  db: Connection;
  _abort(name: string): void;
}
interface Connection extends IDBDatabase {
  _rawDatabase: Database;
}
interface Store {
  name: string;
  keyPath: unknown;
  autoIncrement: boolean;
  keyGenerator: { num: number } | null;
  records: { values(): Iterable<Kept>; put(record: Kept): void };
}
interface Kept {
  key: unknown;
  value: unknown;
}
interface Database {
  name: string;
  version: number;
  transactions: Transaction[];
  connections: Connection[];
  rawObjectStores: Map<string, Store>;
}
type Maker<T> = new (...args: unknown[]) => T;

/** A copy of a database, as in a backup of the phone. */
export type Image = Database;

/** The browser's IndexedDB: every step is an event of the scheduler, and its processes can be killed. */
export class Browser extends IDBFactory {
  private opened: { owner: Owner; db: Connection }[] = [];

  constructor(private readonly scheduler: Scheduler) {
    super();
  }

  override open(name: string, version?: number): IDBOpenDBRequest {
    const owner = this.scheduler.current;
    const request = super.open(name, version);
    const keep = (): void => {
      const db = request.result as Connection;
      if (!this.opened.some((one) => one.db === db)) this.opened.push({ owner, db });
      if (owner.dead) this.kill(owner);
    };
    request.addEventListener("upgradeneeded", keep);
    request.addEventListener("success", keep);
    return request;
  }

  /** A process is gone: what it had not committed never was. */
  kill(owner: Owner): void {
    for (const { db } of this.of(owner)) {
      for (const tx of running(db._rawDatabase)) if (tx.db === db) tx._abort("AbortError");
      db.close();
    }
    this.opened = this.opened.filter((one) => one.owner !== owner);
  }

  /** The browser breaks off what a tab is doing, as when the disk is full; false when it was doing nothing. */
  abort(owner: Owner, why: string): boolean {
    const txs = this.of(owner).flatMap(({ db }) => running(db._rawDatabase).filter((tx) => tx.db === db));
    const tx = txs.find((one) => one.mode === "readwrite");
    tx?._abort(why);
    return tx !== undefined;
  }

  /** Closes a tab's connections; `quietly`: without telling it. */
  disconnect(owner: Owner, quietly: boolean): void {
    for (const { db } of this.of(owner)) {
      for (const tx of running(db._rawDatabase)) if (tx.db === db) tx._abort("AbortError");
      if (quietly) db.close();
      else forceCloseDatabase(db as never);
    }
    this.opened = this.opened.filter((one) => one.owner !== owner);
  }

  drop(name: string): void {
    this.databases_.delete(name);
  }

  image(name: string): Image | null {
    const kept = this.databases_.get(name);
    return kept?.rawObjectStores.size ? copy(kept) : null;
  }

  restore(image: Image): void {
    this.databases_.set(image.name, copy(image));
  }

  busy(name: string): boolean {
    const db = this.databases_.get(name);
    return !!db && running(db).some((tx) => tx._started && tx.mode !== "readonly");
  }

  /** How often it was written; cheaper than a look at all of it. */
  rev(name: string): number {
    const metas = this.databases_.get(name)?.rawObjectStores.get("meta");
    for (const { key, value } of metas?.records.values() ?? [])
      if (key === "meta") return (value as Meta).rev;
    return -1;
  }

  /** What is on the platter; null when nothing was ever written. */
  look(name: string): Held | null {
    const db = this.databases_.get(name);
    if (!db) return null;
    const all = (store: string): Kept[] => [...(db.rawObjectStores.get(store)?.records.values() ?? [])];
    const values = <T>(store: string): T[] => all(store).map((record) => record.value as T);
    const meta = all("meta").find((record) => record.key === "meta")?.value as Meta | undefined;
    if (!meta) return null;
    return {
      meta,
      outbox: values("outbox"),
      journal: values("journal"),
      parked: values("parked"),
      rows: all("rows").map(({ key, value }) => [key as string, value]),
    };
  }

  private of(owner: Owner): { owner: Owner; db: Connection }[] {
    return this.opened.filter((one) => one.owner === owner);
  }

  private get databases_(): Map<string, Database> {
    return (this as unknown as { _databases: Map<string, Database> })._databases;
  }
}

function running(db: Database): Transaction[] {
  return db.transactions.filter((tx) => tx._state !== "finished");
}

function copy(from: Database): Database {
  const made = new (from.constructor as Maker<Database>)(from.name, from.version);
  for (const store of from.rawObjectStores.values()) {
    const twin = new (store.constructor as Maker<Store>)(
      made,
      store.name,
      store.keyPath,
      store.autoIncrement,
    );
    if (twin.keyGenerator && store.keyGenerator) twin.keyGenerator.num = store.keyGenerator.num;
    for (const { key, value } of store.records.values()) twin.records.put(structuredClone({ key, value }));
    made.rawObjectStores.set(store.name, twin);
  }
  return made;
}
