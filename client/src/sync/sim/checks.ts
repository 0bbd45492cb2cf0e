import { orderOf } from "../book";
import type { Engine } from "../engine";
import { checkOf } from "../rows";
import type { Cookie, Mutation } from "../types";
import type { Held } from "./browser";
import { tokenOf, tokensOf } from "./ledger";
import type { Box } from "./model";
import type { Phone, SimTab } from "./phone";
import { noteKey, type Given } from "./server";
import type { World } from "./world";

/** The parts of an engine that are nobody's business but its own and ours. */
export function inside(engine: Engine): {
  rev: number;
  cookie: Cookie;
  pending: Mutation[];
  waiting: Map<string, unknown> | null;
} {
  return engine as unknown as ReturnType<typeof inside>;
}

/** Whether a push or a pull is under way. */
export function busy(engine: Engine): boolean {
  return (engine.pump as unknown as { running: boolean }).running;
}

interface Seen {
  rev: number;
  group: string;
  order: number;
  era: string;
}

/** Which of the server's histories a view comes from. */
function eraOf(cookie: Cookie): string {
  return String(cookie?.["sig"]);
}

/** Thrown when an invariant does not hold; the message begins with its name. */
export class Broken extends Error {}

/** The invariants of sync_protocol 5 that a phone must keep at every moment. */
export class Checks {
  private seen = new Map<string, Seen>();

  constructor(private readonly world: World) {}

  /** After an event: everything that may have changed. */
  now(): void {
    this.world.ledger.judged();
    for (const phone of this.world.phones) {
      for (const [user, shelf] of phone.shelves) {
        const rev = shelf.rev();
        const last = this.seen.get(`${phone.name} ${user}`);
        if (rev >= 0 && rev !== last?.rev && !shelf.busy()) this.disk(phone, user, shelf.held()!, last);
      }
      for (const tab of phone.tabs) {
        if (!tab.dirty || !tab.tab) continue;
        tab.dirty = false;
        this.tab(tab, tab.tab.engine);
      }
    }
  }

  /** The disk was exchanged; what it says now has nothing to do with what it said. */
  forget(phone: Phone, user: string): void {
    this.seen.delete(`${phone.name} ${user}`);
  }

  private disk(phone: Phone, user: string, held: Held, last: Seen | undefined): void {
    const name = `${phone.name} ${user}`;
    const { meta, outbox } = held;
    const seen = {
      rev: meta.rev,
      group: meta.clientGroupID,
      order: orderOf(meta.cookie),
      era: eraOf(meta.cookie),
    };
    this.seen.set(name, seen);
    this.world.scheduler.say(
      `disk ${name} rev ${meta.rev} order ${seen.order} outbox ${outbox.map((m) => `${m.id}:${tokenOf(m)}`).join()}`,
    );
    this.world.ledger.numbered(outbox);
    this.numbers(name, held);
    this.cut(name, held);
    this.kept(phone, user, held);
    if (
      last &&
      last.group === seen.group &&
      last.era === seen.era &&
      seen.order >= 0 &&
      seen.order < last.order
    )
      this.fail("I7", `${name}: the order fell from ${last.order} to ${seen.order}`);
  }

  private numbers(name: string, { meta, outbox }: Held): void {
    outbox.forEach((m, i) => {
      if (m.clientID !== meta.clientID || m.id !== meta.next_id - outbox.length + i)
        this.fail(
          "I1",
          `${name}: ${tokenOf(m)} is ${m.clientID} ${m.id}, next is ${meta.clientID} ${meta.next_id}`,
        );
    });
    const uids = new Set(outbox.map((m) => m.uid));
    if (uids.size < outbox.length) this.fail("I1", `${name}: an edit is in the queue twice`);
  }

  /** Rows, cookie and queue are one consistent cut: effects up to the acknowledged id in the rows, the rest in the queue. */
  private cut(name: string, { meta, outbox, rows }: Held): void {
    const given = this.given(meta.clientGroupID, meta.cookie);
    if (!given) return;
    const check = checkOf(rows);
    if (check.n !== given.rows.n || check.h !== given.rows.h)
      this.fail("I2", `${name}: ${check.n} rows are not the ${given.rows.n} the server had at this cookie`);
    const acknowledged = given.lmids.get(meta.clientID) ?? 0;
    if (meta.next_id - outbox.length !== acknowledged + 1)
      this.fail(
        "I2",
        `${name}: acknowledged through ${acknowledged}, the queue begins at ${meta.next_id - outbox.length}`,
      );
  }

  /** What was promised is in the queue, set aside, or with the server. */
  private kept(phone: Phone, user: string, held: Held): void {
    const here = tokensOf(held);
    const judged = this.world.ledger.judged();
    for (const one of this.world.ledger.of(phone, user)) {
      if (!one.resolved || one.excused || here.has(one.token) || judged.has(one.token)) continue;
      if (one.tab.tab && inside(one.tab.tab.engine).waiting) continue;
      if (!this.world.ledger.numberTaken(one))
        this.fail("I10", `${one.token} was saved on ${phone.name} and is nowhere`);
    }
  }

  private tab(tab: SimTab, engine: Engine): void {
    const { rev, cookie, pending, waiting } = inside(engine);
    const order = orderOf(cookie);
    const era = eraOf(cookie);
    if (order >= 0 && tab.shown.era === era && order < tab.shown.order)
      this.fail("I11", `${tab.owner.name} showed ${tab.shown.order} and then ${order}`);
    if (order >= 0) tab.shown = { order, era };
    const held = tab.shelf!.held();
    if (waiting || !held || tab.shelf!.busy() || !engine.status.ready || held.meta.rev !== rev) return;
    const given = this.given(held.meta.clientGroupID, cookie);
    if (!given) return;
    const { n, h } = engine.check;
    if (n !== given.rows.n || h !== given.rows.h)
      this.fail("I2", `${tab.owner.name} shows other rows than it has`);
    if (pending.length !== held.outbox.length)
      this.fail("I11", `${tab.owner.name} knows ${pending.length} of ${held.outbox.length} edits`);
    this.own(tab, engine);
    this.refused(tab, engine, new Set(held.outbox.map(tokenOf)));
  }

  /** A tab goes on showing what was saved in it, until the server says no or somebody takes the row away. */
  private own(tab: SimTab, engine: Engine): void {
    const no = new Set(engine.rows.all("reject").map(tokenOf));
    for (const one of this.world.ledger.tokens.values()) {
      if (one.tab !== tab || !one.resolved || one.excused || !one.box) continue;
      if (no.has(one.token) || one.refused || one.name === "box.skip") continue;
      const box = engine.rows.get("box", one.box) as unknown as Box | undefined;
      const gone = one.name !== "box.create" || this.world.ledger.moved.has(one.box);
      const missing = box ? !box.marks.includes(one.token) : !gone;
      if (missing && !this.world.ledger.numberTaken(one))
        this.fail("I11", `${tab.owner.name} saved ${one.token} and does not show it`);
    }
  }

  private refused(tab: SimTab, engine: Engine, waiting: Set<string>): void {
    const no = new Set(
      engine.rows
        .all("reject")
        .map(tokenOf)
        .filter((token) => !waiting.has(token)),
    );
    if (no.size === 0) return;
    for (const box of engine.rows.all("box") as unknown as Box[]) {
      const trace = box.marks.find((mark) => no.has(mark));
      if (trace) this.fail("I13", `${tab.owner.name} shows ${trace}, which was refused`);
    }
  }

  private given(group: string, cookie: Cookie): Given | null {
    if (!cookie) return null;
    const given = this.world.server.given.get(noteKey(group, cookie));
    if (!given) this.fail("I7", "a cookie nobody gave");
    return given!.torn ? null : given!;
  }

  fail(invariant: string, what: string): never {
    throw new Broken(`${invariant}: ${what}`);
  }
}
