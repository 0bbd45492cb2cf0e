import type { Reject } from "../gen/api";
import {
  ackedThrough,
  emptied,
  freshMeta,
  JOURNAL_MS,
  judge,
  renumber,
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

/** What stands in when the browser gives us no storage: it forgets everything when the page is closed. */
export class MemoryDisk implements Disk {
  private meta: Meta = freshMeta({ clientID: "", clientGroupID: "" });
  private rows = new Map<string, unknown>();
  private outbox: Mutation[] = [];
  private journal: { mutation: Mutation; acked_at: number }[] = [];
  private parked = new Map<string, Reject>();

  async open(keys: Keys): Promise<void> {
    if (this.meta.clientID === "") this.meta = freshMeta(keys);
  }

  /** Takes over what is on the screen; the edits get the new client's ids, under their old uids. */
  seed(from: Book & { rows: Iterable<[string, unknown]> }): void {
    this.meta = {
      ...from.meta,
      clientID: this.meta.clientID,
      clientGroupID: this.meta.clientGroupID,
      cookie: null,
      next_id: from.outbox.length + 1,
    };
    this.outbox = renumber(from.outbox, this.meta.clientID);
    this.rows = new Map(from.rows);
    this.parked = new Map(from.parked.map((row) => [row.id, row]));
  }

  async book(): Promise<Book> {
    return { meta: this.meta, outbox: [...this.outbox], parked: [...this.parked.values()] };
  }

  async load(): Promise<Book & { rows: [string, unknown][] }> {
    return { ...(await this.book()), rows: [...this.rows] };
  }

  async append(draft: Draft): Promise<Mutation> {
    const mutation: Mutation = { clientID: this.meta.clientID, id: this.meta.next_id, ...draft };
    this.outbox.push(mutation);
    this.change({ next_id: mutation.id + 1 });
    return mutation;
  }

  async settle(asked: Asked, reply: PullReply, now: number, offset: number): Promise<Settled> {
    const settled = this.journal.map((entry) => entry.mutation);
    const refused = judge(this.meta, asked, reply, settled);
    if (refused) return refused;
    for (const op of reply.patch) {
      if (op.op === "put") this.rows.set(op.key, op.value);
      else if (op.op === "del") this.rows.delete(op.key);
      else this.rows.clear();
    }
    const through = ackedThrough(this.meta, reply);
    for (const mutation of this.outbox)
      if (mutation.id <= through) this.journal.push({ mutation, acked_at: now });
    this.outbox = this.outbox.filter((m) => m.id > through);
    this.journal = this.journal.filter((entry) => entry.acked_at >= now - JOURNAL_MS);
    this.meta = settledMeta(this.meta, reply, now, offset);
    return "applied";
  }

  async rekey(from: string, keys: Keys): Promise<void> {
    if (this.meta.clientGroupID !== from) return;
    this.outbox = renumber([...this.journal.map((entry) => entry.mutation), ...this.outbox], keys.clientID);
    this.journal = [];
    this.change({ ...keys, cookie: null, next_id: this.outbox.length + 1 });
  }

  async park(uid: string, reject: Reject, clientID: string): Promise<void> {
    const rest = this.outbox.filter((m) => m.uid !== uid);
    if (rest.length === this.outbox.length) return;
    this.outbox = renumber(rest, clientID);
    this.parked.set(uid, reject);
    this.change({ clientID, next_id: rest.length + 1 });
  }

  async unpark(uid: string): Promise<void> {
    this.parked.delete(uid);
    this.change({});
  }

  async wipe(): Promise<void> {
    this.rows.clear();
    this.meta = emptied(this.meta);
  }

  async rev(): Promise<number> {
    return this.meta.rev;
  }

  async lease(): Promise<boolean> {
    return true;
  }

  close(): void {}

  private change(to: Partial<Meta>): void {
    this.meta = { ...this.meta, ...to, rev: this.meta.rev + 1 };
  }
}
