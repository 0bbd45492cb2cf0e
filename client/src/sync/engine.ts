import { Refused } from "../core/http";
import type { RefusalCode, Reject } from "../gen/api";
import { uuidv7 } from "../core/ids";
import type { Timers } from "../core/timers";
import { sameCookie, SCHEMA, type Asked, type Book, type Disk, type Keys, type Settled } from "./book";
import { MemoryDisk } from "./memory";
import type { Net } from "./net";
import { Pump } from "./pump";
import { Rows } from "./rows";
import type { ArgsOf, Check, CommandName, Cookie, Kind } from "./types";
import type { Mutation, Mutators, PullReply, SyncState } from "./types";

/** The other tabs of this user on this device. */
export interface Bus {
  post(message: BusMessage): void;
  onMessage: (message: BusMessage) => void;
}

export type BusMessage =
  | { type: "changed" }
  | { type: "poke" }
  /** A tab in front asks a hidden leader to hand over; a leader that is seen answers that it keeps the lead. */
  | { type: "yield" }
  | { type: "keep" }
  | { type: "status"; online: boolean; state: SyncState; at: number | null };

export interface EngineDeps {
  userId: string;
  disk: Disk;
  net: Net;
  bus: Bus;
  mutators: Mutators;
  /** The device's clock, in UTC milliseconds. */
  now(): number;
  random(bytes: Uint8Array): Uint8Array;
  timers: Timers;
  /** The server no longer speaks with this build. */
  onOutdated(): void;
}

export interface Status {
  ready: boolean;
  stale: boolean;
  online: boolean;
  pending: number;
  /** When the oldest unsent edit was made. */
  oldest: number | null;
  lastSync: number | null;
  state: SyncState;
  /** After how many hours without the server the rows are hidden. */
  viewHours: number;
  /** Server clock minus device clock, in ms. */
  offset: number;
}

const HOUR_MS = 3_600_000;

/**
 * Edits first go to the disk, then onto the screen, then to the server. What is shown is the server's last snapshot
 * with the effects of all unacknowledged edits replayed over it. No framework and no globals in here.
 */
export class Engine {
  readonly rows: Rows;
  readonly pump: Pump;
  onRows: (kinds: Set<Kind>) => void = () => {};
  onStatus: () => void = () => {};
  /** The browser's storage has failed; from here on this tab works for itself. */
  onDiskLost: () => void = () => {};
  status: Status = {
    ready: false,
    stale: false,
    online: true,
    pending: 0,
    oldest: null,
    lastSync: null,
    state: "idle",
    viewHours: 72,
    offset: 0,
  };

  private disk: Disk;
  /** Set when the browser's storage has failed: edits live in memory only, and are promised only once the server has them. */
  private waiting: Map<string, { done: () => void; fail: (why: Error) => void }> | null = null;
  private pending: Mutation[] = [];
  private parkedRows = new Map<string, Reject>();
  private cookie: Cookie = null;
  private hasView = false;
  private rev = -1;
  private view = -1;
  private line: Promise<unknown> = Promise.resolve();
  private closed = false;

  constructor(readonly deps: EngineDeps) {
    this.disk = deps.disk;
    this.rows = new Rows(deps.mutators, deps.userId);
    this.pump = new Pump(this, deps);
    deps.bus.onMessage = (message) => this.heard(message);
  }

  /** Opens the disk and shows what is there. Never throws: without a disk the app works on, and says so. */
  async start(): Promise<void> {
    await this.inLine(async () => {
      try {
        await this.disk.open(this.newKeys());
        await this.reload();
      } catch {
        await this.loseDisk();
      }
    });
    await this.checkLease();
  }

  /** Whether this tab is the one that talks to the network; one that has lost the disk always does. */
  lead(on: boolean): void {
    this.pump.lead(on || this.waiting !== null);
  }

  close(): void {
    this.closed = true;
    this.pump.stop();
    this.disk.close();
  }

  now(): number {
    return this.deps.now() + this.status.offset;
  }

  /** Resolves when the edit is on disk (without a disk: when the server has acknowledged it). */
  async mutate<N extends CommandName>(name: N, args: ArgsOf<N>): Promise<void> {
    if (name === "reject.discard" && this.parked((args as ArgsOf<"reject.discard">).uid)) {
      return this.unpark((args as ArgsOf<"reject.discard">).uid);
    }
    const now = this.now();
    // Through JSON: what is kept is exactly what will be sent, and proxies of a framework do not reach the disk.
    const plain = JSON.parse(JSON.stringify({ at: now, ...args })) as Record<string, unknown>;
    const timestamp = typeof plain["at"] === "number" ? plain["at"] : now;
    const uid = uuidv7(this.deps.now(), this.deps.random);
    const draft = { uid, name, args: plain, timestamp, schema: SCHEMA };
    let safe: Promise<void> = Promise.resolve();
    await this.inLine(async () => {
      let mutation: Mutation;
      try {
        mutation = await this.disk.append(draft);
      } catch {
        await this.loseDisk();
        mutation = await this.disk.append(draft);
      }
      const { waiting } = this;
      if (waiting) safe = new Promise((done, fail) => waiting.set(uid, { done, fail }));
      this.rev++;
      this.pending.push(mutation);
      this.rows.play(mutation);
      this.showRows();
      this.setStatus({ pending: this.pending.length, oldest: this.pending[0]!.timestamp });
    });
    this.tellTabs();
    this.pump.wake();
    return safe;
  }

  /** Something may have changed on the server; `order` as in the poke, to skip what is already here. */
  poke(order?: number): void {
    // A poke of 0 means that the server lost count of what it told us.
    if (order && this.cookie && this.cookie.order >= order) return;
    if (this.pump.leading) this.pump.wake();
    else this.deps.bus.post({ type: "poke" });
  }

  /** Whether a rejection is known to this device only. */
  parked(uid: string): boolean {
    return this.parkedRows.has(uid);
  }

  /** Hides and forgets a view older than the workspace allows. The edits stay. */
  async checkLease(): Promise<void> {
    const { lastSync } = this.status;
    if (!this.hasView || lastSync === null) return;
    if (Math.abs(this.now() - lastSync) <= this.status.viewHours * HOUR_MS) return;
    await this.forget();
  }

  /** Takes the rows off this device, as when the server has revoked it. The edits stay. */
  async forget(): Promise<void> {
    await this.onDisk((disk) => disk.wipe());
    this.tellTabs();
  }

  // --- for the pump ---

  book(): Promise<Book> {
    return this.inLine(async () => {
      try {
        return await this.disk.book();
      } catch {
        await this.loseDisk();
        return this.disk.book();
      }
    });
  }

  /** Applies an answer, on disk and on the screen. */
  settle(asked: Asked, reply: PullReply, offset: number): Promise<Settled> {
    return this.inLine(async () => {
      let settled: Settled;
      try {
        settled = await this.disk.settle(asked, reply, this.deps.now() + offset, offset);
      } catch {
        await this.loseDisk();
        return "moved";
      }
      if (settled !== "applied") {
        await this.reload();
        return settled;
      }
      const book = await this.disk.book();
      // Only if no other tab changed the rows is our copy of the snapshot the one the patch was made for.
      if (book.meta.view === this.view + (reply.patch.length > 0 ? 1 : 0)) this.patch(reply, book);
      else await this.reload();
      if (reply.patch.length > 0 || !sameCookie(reply.cookie, asked.cookie)) this.tellTabs();
      return settled;
    });
  }

  async rekey(from: string): Promise<void> {
    const keys = this.newKeys();
    await this.onDisk((disk) => disk.rekey(from, keys));
    this.tellTabs();
  }

  async park(mutation: Mutation, code: RefusalCode): Promise<void> {
    const { uid: id, name, args } = mutation;
    const reject: Reject = { id, name, args, code, at: this.now(), handed: false, user_id: this.deps.userId };
    this.waiting?.get(id)?.fail(new Refused(code, 400));
    this.waiting?.delete(id);
    await this.onDisk((disk) => disk.park(id, reject, this.newKeys().clientID));
    this.tellTabs();
  }

  /** The rows of the snapshot, without edits; what the server counts. */
  get check(): Check {
    return this.rows.check;
  }

  setStatus(change: Partial<Status>): void {
    const next = { ...this.status, ...change };
    if (this.waiting && next.state !== "signed_out") next.state = "storage_failed";
    const { online, state, lastSync } = this.status;
    this.status = next;
    if (
      this.pump.leading &&
      !this.waiting &&
      (online !== next.online || state !== next.state || lastSync !== next.lastSync)
    ) {
      this.deps.bus.post({ type: "status", online: next.online, state: next.state, at: next.lastSync });
    }
    this.onStatus();
  }

  // --- inside ---

  private async unpark(uid: string): Promise<void> {
    await this.onDisk((disk) => disk.unpark(uid));
    this.tellTabs();
  }

  /** A disk operation followed by showing what is on disk now. */
  private onDisk(task: (disk: Disk) => Promise<void>): Promise<void> {
    return this.inLine(async () => {
      try {
        await task(this.disk);
        await this.reload();
      } catch {
        await this.loseDisk();
        await task(this.disk);
        await this.reload();
      }
    });
  }

  private async reload(): Promise<void> {
    const all = await this.disk.load();
    if (this.closed) return;
    this.rows.clearBase();
    for (const [key, value] of all.rows) this.rows.setBase(key, value);
    this.show(all);
  }

  private patch(reply: PullReply, book: Book): void {
    for (const op of reply.patch) {
      if (op.op === "put") this.rows.setBase(op.key, op.value);
      else if (op.op === "del") this.rows.delBase(op.key);
      else this.rows.clearBase();
    }
    this.show(book);
  }

  private show({ meta, outbox, parked }: Book): void {
    const same =
      outbox.length === this.pending.length && outbox.every((m, i) => m.uid === this.pending[i]?.uid);
    const moved = this.rows.changed || !same || parked.length !== this.parkedRows.size;
    const left = new Set(outbox.map((m) => m.uid));
    for (const [uid, entry] of this.waiting ?? []) {
      if (left.has(uid)) continue;
      this.waiting?.delete(uid);
      entry.done();
    }
    this.pending = outbox;
    this.parkedRows = new Map(parked.map((row) => [row.id, row]));
    this.cookie = meta.cookie;
    this.hasView = meta.has_view;
    this.rev = meta.rev;
    this.view = meta.view;
    if (moved) this.rows.replay(outbox, parked);
    this.showRows();
    this.setStatus({
      ready: meta.has_view,
      stale: !meta.has_view && meta.last_sync !== null,
      pending: outbox.length,
      oldest: outbox[0]?.timestamp ?? null,
      viewHours: meta.view_hours,
      lastSync: meta.last_sync,
      offset: meta.offset,
    });
  }

  private showRows(): void {
    const kinds = this.rows.takeDirty();
    if (kinds.size > 0) this.onRows(kinds);
  }

  /** From here on edits are kept in memory, under new ids: the disk may come back one day with the old ones. */
  private async loseDisk(): Promise<void> {
    if (this.waiting || this.closed) return;
    const memory = new MemoryDisk();
    await memory.open(this.newKeys());
    const { meta } = await memory.book();
    memory.seed({
      meta: { ...meta, has_view: this.hasView, last_sync: this.status.lastSync, offset: this.status.offset },
      outbox: this.pending,
      parked: [...this.parkedRows.values()],
      rows: this.rows.entries(),
    });
    this.disk = memory;
    this.waiting = new Map();
    await this.reload();
    this.lead(true);
    this.onDiskLost();
  }

  private heard(message: BusMessage): void {
    if (message.type === "changed") {
      if (!this.waiting) void this.catchUp();
    } else if (message.type === "poke") {
      if (this.pump.leading) this.pump.wake();
    } else if (message.type === "status" && !this.pump.leading) {
      this.setStatus({ online: message.online, state: message.state, lastSync: message.at });
    }
  }

  /** Shows what other tabs have written. */
  catchUp(): Promise<void> {
    return this.inLine(async () => {
      try {
        if ((await this.disk.rev()) === this.rev) return;
        const book = await this.disk.book();
        if (book.meta.view === this.view) this.show(book);
        else await this.reload();
        // What another tab has left on disk is for the leader to send.
        if (this.pump.leading && this.pending.length > 0) this.pump.wake();
      } catch {
        await this.loseDisk();
      }
    });
  }

  private tellTabs(): void {
    if (!this.waiting) this.deps.bus.post({ type: "changed" });
  }

  private newKeys(): Keys {
    const now = this.deps.now();
    return { clientID: uuidv7(now, this.deps.random), clientGroupID: uuidv7(now, this.deps.random) };
  }

  /** One thing after another: a reload must not overtake an edit that was on disk before it. */
  private inLine<T>(task: () => Promise<T>): Promise<T> {
    const next = this.line.then(task);
    this.line = next.catch(() => {});
    return next;
  }
}
