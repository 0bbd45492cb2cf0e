import type { PullBody, PushBody, StateError } from "../net";
import { checkOf } from "../rows";
import type { Cookie, Mutation, PatchOp, PullReply, PushResult } from "../types";
import { run, type SimRow } from "./model";

export const EPOCH = 2 ** 40;
const FAULTS_MAX = 5;

interface Client {
  group: string;
  lmid: number;
  seq: number;
}

export interface Logged {
  clientID: string;
  id: number;
  uid: string;
  token: string;
  outcome: "applied" | "rejected" | "duplicate";
}

/** Everything a backup holds. */
export interface State {
  version: number;
  floor: number;
  entries: Map<string, string>;
  /** Per bucket: when a key last changed there, and whether it is still there. */
  buckets: Map<string, Map<string, { seq: number; present: boolean }>>;
  groups: Map<string, string>;
  clients: Map<string, Client>;
  uids: Set<string>;
  faults: Map<string, number>;
  roles: Map<string, "agent" | "supervisor">;
  log: Logged[];
}

/** What a phone was told, to be compared with what it then holds. */
export interface Given {
  rows: { n: number; h: number };
  lmids: Map<string, number>;
  /** Made from a cookie of a history that a silent restore has undone: only a check can put it right. */
  torn: boolean;
}

/** The server's rules for push and pull, in memory: sync_protocol 1.2, 4.3, 4.4, 4.6. Time and refusals come from outside. */
export class ModelServer {
  state: State = {
    version: 1,
    floor: 0,
    entries: new Map(),
    buckets: new Map(),
    groups: new Map(),
    clients: new Map(),
    uids: new Set(),
    faults: new Map(),
    roles: new Map(),
    log: [],
  };
  epoch = 0;
  /** How often the database was put back; a phone's cookie of an earlier one may lie. */
  era = 0;
  given = new Map<string, Given>();
  /** One pull in so many carries a check, as long as anything is new. */
  checkEvery = 5;
  now: () => number = () => 0;
  onCommit: (users: Set<string>) => void = () => {};

  backup(): () => void {
    const kept = structuredClone(this.state);
    return () => {
      this.state = structuredClone(kept);
      this.era++;
    };
  }

  /** Forgets deletions up to now. */
  collect(): void {
    const { state } = this;
    for (const keys of state.buckets.values())
      for (const [key, member] of keys) if (!member.present) keys.delete(key);
    state.floor = state.version;
  }

  /** A change from elsewhere: another person, a job. */
  write(task: (server: ModelServer) => void): void {
    this.state.version++;
    task(this);
    this.onCommit(new Set(this.state.roles.keys()));
  }

  publish(key: string, row: SimRow | null, audience: string[]): void {
    const { buckets, entries, version } = this.state;
    if (row) entries.set(key, JSON.stringify(row));
    else entries.delete(key);
    for (const [bucket, keys] of buckets)
      if (keys.get(key)?.present && !audience.includes(bucket))
        keys.set(key, { seq: version, present: false });
    for (const bucket of audience) {
      if (!buckets.has(bucket)) buckets.set(bucket, new Map());
      buckets.get(bucket)!.set(key, { seq: version, present: true });
    }
  }

  row(key: string): SimRow | null {
    const body = this.state.entries.get(key);
    return body === undefined ? null : (JSON.parse(body) as SimRow);
  }

  scope(user: string): string[] {
    return ["ws", `user:${user}`, ...(this.state.roles.get(user) === "supervisor" ? ["sup"] : [])];
  }

  /** What a user may see now. */
  snapshot(user: string): Map<string, string> {
    const seen = new Map<string, string>();
    for (const bucket of this.scope(user))
      for (const [key, { present }] of this.state.buckets.get(bucket) ?? [])
        if (present) seen.set(key, this.state.entries.get(key)!);
    return seen;
  }

  /** One transaction of a push. "stopped": the rest must wait. */
  take(
    user: string,
    body: PushBody,
    mutations: Mutation[],
  ): { results: PushResult[]; stopped: boolean } | StateError {
    const { state } = this;
    const known = state.groups.has(body.clientGroupID);
    if (!known && mutations.length > 0 && !mutations.some((m) => m.id === 1))
      return { error: "ClientStateNotFound" };
    const version = state.version++;
    const results: PushResult[] = [];
    let stopped = false;
    for (const mutation of mutations) {
      const result = this.one(user, body.clientGroupID, mutation);
      if (!result) stopped = true;
      if (stopped) break;
      results.push(result!);
    }
    if (results.every((r) => r.status === "skipped" || (r.status === "duplicate" && r.code === "known")))
      state.version = version;
    else this.onCommit(new Set(state.roles.keys()));
    return { results, stopped };
  }

  /** Protected, as everything a broken server does differently. */
  protected known(client: Client, m: Mutation): boolean {
    return m.id <= client.lmid;
  }

  protected seen(m: Mutation): boolean {
    return this.state.uids.has(m.uid);
  }

  protected settle(client: Client, m: Mutation): void {
    client.lmid = m.id;
    client.seq = this.state.version;
  }

  private one(user: string, group: string, m: Mutation): PushResult | null {
    const { state } = this;
    const { clientID, id } = m;
    let client = state.clients.get(clientID);
    if (!client && id === 1) {
      state.groups.set(group, user);
      client = { group, lmid: 0, seq: state.version };
      state.clients.set(clientID, client);
    }
    if (!client || client.group !== group) return { clientID, id, status: "skipped", code: "unknown_client" };
    if (this.known(client, m)) return { clientID, id, status: "duplicate", code: "known" };
    if (id > client.lmid + 1) return { clientID, id, status: "skipped", code: "gap" };
    const outcome = this.seen(m) ? "duplicate" : this.apply(user, m);
    if (!outcome) return null;
    this.settle(client, m);
    const token = String(m.args["token"]);
    state.log.push({
      clientID,
      id,
      uid: m.uid,
      token,
      outcome: typeof outcome === "string" ? outcome : "rejected",
    });
    if (outcome !== "duplicate") state.uids.add(m.uid);
    return typeof outcome === "string"
      ? { clientID, id, status: outcome }
      : { clientID, id, status: "rejected", code: outcome.code };
  }

  private apply(user: string, m: Mutation): "applied" | { code: string } | null {
    const { faults } = this.state;
    let code: string | null;
    const failed = faults.get(m.uid) ?? 0;
    if (m.args["crash"] && failed < FAULTS_MAX) {
      faults.set(m.uid, failed + 1);
      return null;
    }
    if (m.args["crash"]) code = "internal";
    else code = run(this, user, m);
    if (!code) return "applied";
    const reject = {
      id: m.uid,
      name: m.name,
      args: m.args,
      code,
      at: this.now(),
      handed: false,
      user_id: user,
    };
    this.publish(`reject/${m.uid}`, reject, [`user:${user}`]);
    return { code };
  }

  pull(user: string, body: PullBody): PullReply | StateError {
    const { state } = this;
    const cookie = body.cookie as Cookie;
    const scope = this.scope(user).join();
    let base: number | null = null;
    if (cookie) {
      const [epoch, version] = [Math.floor(cookie.order / EPOCH), cookie.order % EPOCH];
      if (epoch === this.epoch && version > state.version) this.epoch++;
      if (epoch < this.epoch) return { error: "ClientStateNotFound" };
      if (cookie["scope"] === scope && version >= state.floor) base = version;
    }
    const patch = base === null ? this.whole(user) : this.since(user, base);
    const lmids = [...state.clients].filter(([, c]) => c.group === body.clientGroupID);
    const moved = lmids
      .filter(([, c]) => c.seq > (base ?? -1))
      .map(([id, c]): [string, number] => [id, c.lmid]);
    const idle = base !== null && patch.length === 0 && moved.length === 0;
    const fresh = { order: this.epoch * EPOCH + state.version, scope, sig: `${this.era}` };
    const next = idle ? cookie : fresh;
    const check = checkOf([...this.snapshot(user)].map(([key, row]) => [key, JSON.parse(row)]));
    this.note(body, base === null ? null : cookie, next, {
      rows: check,
      lmids: new Map(lmids.map(([id, c]) => [id, c.lmid])),
      torn: false,
    });
    const checked = base === null || (!idle && state.version % this.checkEvery === 0);
    return {
      cookie: next,
      lastMutationIDChanges: Object.fromEntries(moved),
      patch,
      now: this.now(),
      ...(checked ? { check } : {}),
    };
  }

  private note(body: PullBody, base: Cookie, next: Cookie, given: Given): void {
    const from = base && this.given.get(noteKey(body.clientGroupID, base));
    given.torn = base !== null && (base["sig"] !== `${this.era}` || (from?.torn ?? false));
    const key = noteKey(body.clientGroupID, next);
    // Told both ways, nobody knows which of the answers arrived.
    given.torn ||= this.given.get(key)?.torn ?? false;
    this.given.set(key, given);
  }

  private whole(user: string): PatchOp[] {
    const rows = [...this.snapshot(user)].map(([key, row]): PatchOp => ({
      op: "put",
      key,
      value: JSON.parse(row),
    }));
    return [{ op: "clear" }, ...rows];
  }

  protected since(user: string, base: number): PatchOp[] {
    const seen = this.snapshot(user);
    const changed = new Set<string>();
    for (const bucket of this.scope(user))
      for (const [key, { seq }] of this.state.buckets.get(bucket) ?? []) if (seq > base) changed.add(key);
    return [...changed].map((key): PatchOp => {
      const row = seen.get(key);
      return row === undefined ? { op: "del", key } : { op: "put", key, value: JSON.parse(row) };
    });
  }
}

export function noteKey(group: string, cookie: Cookie): string {
  return `${group} ${JSON.stringify(cookie)}`;
}
