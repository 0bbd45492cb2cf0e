import type { Answer, Net, PullBody, PushBody, StateError } from "../net";
import { checkOf } from "../rows";
import type { Cookie, Mutation, PatchOp, PullReply, PushResult } from "../types";

/** A server in memory with the rules of the wire: ids in order, each uid once, effects and acknowledgement together. */
export class FakeServer implements Net {
  rows = new Map<string, { value: Record<string, unknown> | null; version: number }>();
  clients = new Map<string, { group: string; lmid: number; version: number }>();
  groups = new Set<string>();
  uids = new Set<string>();
  /** Uids in the order in which they took effect. */
  applied: string[] = [];
  version = 1;
  epoch = 0;
  now = 0;
  requests: string[] = [];
  pushes: Mutation[][] = [];
  /** Told for each request; an answer here is given instead of the real one. */
  before: (what: "push" | "pull", body: PushBody | PullBody) => Answer<never> | null = () => null;
  /** Told after the work was done; an answer here is given instead: a lost reply. */
  after: (what: "push" | "pull", body: PushBody | PullBody) => Answer<never> | null = () => null;
  /** Commands of this name are refused with this code. */
  refuse = new Map<string, string>();
  withCheck = true;

  async push(body: PushBody): Promise<Answer<{ results: PushResult[] } | StateError>> {
    this.requests.push("push");
    const early = this.before("push", body);
    if (early) return early;
    this.pushes.push(body.mutations);
    const answer = this.take(body);
    return this.after("push", body) ?? { ok: true, body: answer };
  }

  async pull(body: PullBody): Promise<Answer<PullReply | StateError>> {
    this.requests.push("pull");
    const early = this.before("pull", body);
    if (early) return early;
    const answer = this.give(body);
    return this.after("pull", body) ?? { ok: true, body: answer };
  }

  put(key: string, value: Record<string, unknown> | null): void {
    this.rows.set(key, { value, version: ++this.version });
  }

  /** The live rows, as a reset would send them. */
  snapshot(): Map<string, Record<string, unknown>> {
    const live = new Map<string, Record<string, unknown>>();
    for (const [key, row] of this.rows) if (row.value) live.set(key, row.value);
    return live;
  }

  /** A copy to go back to, as from a backup. */
  backup(): () => void {
    const kept = structuredClone({
      rows: this.rows,
      clients: this.clients,
      groups: this.groups,
      uids: this.uids,
      applied: this.applied,
      version: this.version,
    });
    return () => {
      Object.assign(this, structuredClone(kept));
      this.epoch++;
    };
  }

  private order(): number {
    return this.epoch * 2 ** 40 + this.version;
  }

  private take(body: PushBody): { results: PushResult[] } | StateError {
    const known = this.groups.has(body.clientGroupID);
    if (
      !known &&
      body.mutations.some((m) => m.id > 1 && !this.clients.has(m.clientID)) &&
      body.mutations[0]?.id !== 1
    ) {
      return { error: "ClientStateNotFound" };
    }
    const results: PushResult[] = [];
    for (const m of body.mutations) {
      const { clientID, id } = m;
      let client = this.clients.get(clientID);
      if (!client) {
        if (id !== 1) {
          results.push({ clientID, id, status: "skipped", code: "unknown_client" });
          continue;
        }
        this.groups.add(body.clientGroupID);
        client = { group: body.clientGroupID, lmid: 0, version: 0 };
        this.clients.set(clientID, client);
      }
      if (id > client.lmid + 1) {
        results.push({ clientID, id, status: "skipped", code: "gap" });
        continue;
      }
      if (id <= client.lmid) {
        results.push({ clientID, id, status: "duplicate" });
        continue;
      }
      client.lmid = id;
      client.version = ++this.version;
      if (this.uids.has(m.uid)) {
        results.push({ clientID, id, status: "duplicate" });
        continue;
      }
      this.uids.add(m.uid);
      const code = this.run(m);
      results.push(code ? { clientID, id, status: "rejected", code } : { clientID, id, status: "applied" });
    }
    return { results };
  }

  private run(m: Mutation): string | null {
    if (m.name === "reject.discard") {
      this.rows.set(`reject/${String(m.args["uid"])}`, { value: null, version: this.version });
      return null;
    }
    const refused = this.refuse.get(m.name);
    const args = m.args as { id: string; title?: string };
    const key = `box/${args.id}`;
    const box = this.rows.get(key)?.value;
    const code = refused ?? (m.name !== "box.create" && !box ? "gone" : null);
    if (code) {
      const reject = {
        id: m.uid,
        name: m.name,
        args: m.args,
        code,
        at: this.now,
        handed: false,
        user_id: "u",
      };
      this.rows.set(`reject/${m.uid}`, { value: reject, version: this.version });
      return code;
    }
    this.applied.push(m.uid);
    if (m.name === "box.create") this.rows.set(key, { value: made(args), version: this.version });
    else if (m.name === "box.start")
      this.rows.set(key, { value: { ...box, state: "doing" }, version: this.version });
    else this.rows.set(key, { value: { ...box, state: "done" }, version: this.version });
    return null;
  }

  private give(body: PullBody): PullReply | StateError {
    const cookie = body.cookie as Cookie;
    if (cookie && Math.floor(cookie.order / 2 ** 40) < this.epoch) return { error: "ClientStateNotFound" };
    const since = cookie ? cookie.order % 2 ** 40 : -1;
    const patch: PatchOp[] = cookie ? [] : [{ op: "clear" }];
    for (const [key, { value, version }] of this.rows) {
      if (version <= since) continue;
      if (value) patch.push({ op: "put", key, value });
      else if (cookie) patch.push({ op: "del", key });
    }
    const lastMutationIDChanges: Record<string, number> = {};
    for (const [id, client] of this.clients) {
      if (client.group === body.clientGroupID && client.version > since)
        lastMutationIDChanges[id] = client.lmid;
    }
    const check = this.withCheck ? { check: checkOf(this.snapshot()) } : {};
    return { cookie: { order: this.order() }, patch, lastMutationIDChanges, now: this.now, ...check };
  }
}

export function made(args: { id: string; title?: string }): Record<string, unknown> {
  return { id: args.id, title: { zh: args.title, en: args.title }, state: "todo" };
}
