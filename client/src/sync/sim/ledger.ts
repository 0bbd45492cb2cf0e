import { JOURNAL_MS } from "../book";
import type { Mutation } from "../types";
import type { Held } from "./browser";
import { inside } from "./checks";
import type { Phone, SimTab } from "./phone";
import type { Logged } from "./server";
import type { Shelf } from "./shelf";
import type { World } from "./world";

/** One edit a person made, known by the mark it leaves. */
export interface Token {
  token: string;
  tab: SimTab;
  user: string;
  name: string;
  box: string;
  at: number;
  resolved: boolean;
  /** Why it may be missing; set only when the one thing happened that excuses it. */
  excused: string | null;
  /** The phone's own copy is gone; the server has it. */
  onlyThere: boolean;
  /** It was refused once, whatever the server remembers of that. */
  refused: boolean;
  /** Its client and id when it was last seen in a queue. */
  number: string;
}

/** What people have been promised. */
export class Ledger {
  readonly tokens = new Map<string, Token>();
  /** Boxes whose row may leave a view because somebody moved or removed it. */
  readonly moved = new Set<string>();

  /** How far the server's log was read. */
  private read = { log: [] as Logged[], through: 0, judged: new Map<string, "applied" | "rejected">() };

  constructor(private readonly world: World) {}

  make(tab: SimTab, name: string, box: string): Token {
    const token = `t${this.tokens.size + 1}`;
    const made: Token = {
      token,
      tab,
      user: tab.user!,
      name,
      box,
      at: this.world.scheduler.now,
      resolved: false,
      excused: null,
      onlyThere: false,
      refused: false,
      number: "",
    };
    this.tokens.set(token, made);
    if (name === "box.assign" || name === "box.skip") this.moved.add(box);
    return made;
  }

  of(phone: Phone, user: string): Token[] {
    return [...this.tokens.values()].filter((t) => t.tab.phone === phone && t.user === user);
  }

  /** Notes under which numbers a disk is about to send its edits. */
  numbered(outbox: Mutation[]): void {
    for (const m of outbox) {
      const one = this.tokens.get(tokenOf(m));
      if (one) one.number = `${m.clientID} ${m.id}`;
    }
  }

  /**
   * On an old copy of a disk a new edit gets a number that the server has already seen, and is taken for acknowledged:
   * the one loss that the protocol does not prevent. The number must really belong to another edit.
   */
  numberTaken(one: Token): boolean {
    if (!one.tab.phone.wasOld) return false;
    const other = this.world.server.state.log.find((entry) => `${entry.clientID} ${entry.id}` === one.number);
    return other !== undefined && other.token !== one.token;
  }

  /** What the server has done with each token; an edit judged twice is complained of at once. */
  judged(): Map<string, "applied" | "rejected"> {
    const { log } = this.world.server.state;
    if (this.read.log !== log) this.read = { log, through: 0, judged: new Map() };
    const { read } = this;
    for (; read.through < log.length; read.through++) {
      const { token, outcome } = log[read.through]!;
      if (outcome === "duplicate") continue;
      if (read.judged.has(token)) this.world.checks.fail("I1", `${token} was judged twice`);
      read.judged.set(token, outcome);
      const one = this.tokens.get(token);
      if (one && outcome === "rejected") one.refused = true;
    }
    return read.judged;
  }

  /** A tab is gone. One that had lost its disk takes along what it had in memory. */
  died(tab: SimTab): void {
    if (!tab.tab || !tab.shelf || !inside(tab.tab.engine).waiting) return;
    const held = tokensOf(tab.shelf.held());
    this.gone(
      [...this.tokens.values()].filter((t) => t.tab === tab && !held.has(t.token)),
      "died in memory",
    );
  }

  /** The storage is not what it was: evicted, or an old copy. */
  changed(phone: Phone, user: string, shelf: Shelf): void {
    const held = tokensOf(shelf.held());
    this.gone(
      this.of(phone, user).filter((t) => !held.has(t.token)),
      "evicted",
    );
  }

  /** The server went back in time; `before` is what it had judged until then. */
  restored(before: Map<string, unknown>): string[] {
    const after = this.judged();
    const broken: string[] = [];
    for (const token of before.keys()) {
      const one = this.tokens.get(token);
      if (!one || after.has(token) || one.excused) continue;
      const { tab } = one;
      const held = tab.phone.shelves.get(one.user)?.held() ?? null;
      const inMemory = !tab.owner.dead && tab.tab && inside(tab.tab.engine).waiting;
      if (inMemory || tokensOf(held).has(token)) continue;
      if (one.onlyThere || this.world.scheduler.now - one.at > JOURNAL_MS) one.excused = "restored";
      else if (one.resolved) broken.push(`I6: ${token} was acknowledged and is in no journal`);
    }
    return broken;
  }

  private gone(tokens: Token[], why: string): void {
    const judged = this.judged();
    for (const token of tokens) {
      token.onlyThere = true;
      if (!judged.has(token.token)) token.excused = why;
    }
  }
}

export function tokenOf(m: { args: Mutation["args"] }): string {
  return String(m.args["token"]);
}

/** The edits a disk still holds, in whatever state. */
export function tokensOf(held: Held | null): Set<string> {
  return new Set(held ? [...held.outbox, ...held.journal, ...held.parked].map(tokenOf) : []);
}
