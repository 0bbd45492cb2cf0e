import { dice } from "../kit/world";
import type { Timers } from "../../core/timers";
import { host } from "./host";

/** Whose memory an event lives in: a tab, a phone, the server. What belongs to a dead one no longer happens. */
export class Owner {
  dead = false;
  constructor(readonly name: string) {}
}

interface Event {
  at: number;
  seq: number;
  /** Events of one lane happen in the order in which they were added; a free one has none. */
  lane: string | null;
  /** Whose death takes the event along. */
  owner: Owner;
  /** On whose behalf it runs. */
  context: Owner;
  label: string;
  task: () => void;
}

const nextTick = host.setImmediate;

/**
 * All that ever happens in the simulated world, one thing after another: what is due is drawn by lot, and between two
 * events every promise that can go on does. There is no other clock and no other chance.
 */
export class Scheduler {
  now = 0;
  /** What happened, line by line. */
  readonly trace: string[] = [];
  readonly world = new Owner("world");
  /** On whose behalf code runs at this moment. */
  current: Owner = this.world;
  steps = 0;
  private events: Event[] = [];
  private seq = 0;
  private laneEnd = new Map<string, number>();
  private readonly roll: () => number;

  constructor(seed: number) {
    this.roll = dice(seed);
  }

  /** 0 up to, but without, `end`. */
  below(end: number): number {
    return Math.floor(this.roll() * end);
  }

  chance(p: number): boolean {
    return this.roll() < p;
  }

  pick<T>(from: readonly T[]): T {
    const one = from[this.below(from.length)];
    if (one === undefined) throw new Error("nothing to choose from");
    return one;
  }

  random(bytes: Uint8Array): Uint8Array {
    return bytes.map(() => this.below(256));
  }

  say(line: string): void {
    this.trace.push(`${this.now} ${line}`);
  }

  add(
    label: string,
    delay: number,
    task: () => void,
    over: { owner?: Owner; context?: Owner; lane?: string } = {},
  ): () => void {
    const owner = over.owner ?? this.world;
    let at = this.now + delay;
    if (over.lane) {
      at = Math.max(at, this.laneEnd.get(over.lane) ?? 0);
      this.laneEnd.set(over.lane, at);
    }
    const context = over.context ?? owner;
    const event = { at, seq: ++this.seq, lane: over.lane ?? null, owner, context, label, task };
    this.events.push(event);
    return () => void (this.events = this.events.filter((other) => other !== event));
  }

  timers(owner: Owner): Timers {
    return { after: (ms, task) => this.add("timer", ms, task, { owner }) };
  }

  /** Runs one event that falls due until `end`; false when there is none. Time moves when nothing is due now. */
  async step(end: number): Promise<boolean> {
    const event = this.draw(end);
    if (!event) return false;
    this.steps++;
    this.say(`${event.context.name} ${event.label}`);
    await this.as(event.context, event.task);
    return true;
  }

  /** Runs something as its own event, and lets every promise go on that can. */
  async as(context: Owner, task: () => void): Promise<void> {
    this.current = context;
    task();
    await new Promise((resolve) => nextTick(() => resolve(undefined)));
    this.current = this.world;
  }

  /** Runs all that falls due within `ms`. */
  async pass(ms: number, after: () => void = () => {}): Promise<void> {
    const end = this.now + ms;
    while (await this.step(end)) after();
    this.now = end;
  }

  private draw(end: number): Event | null {
    this.events = this.events.filter((event) => !event.owner.dead);
    const first = this.events.reduce((at, event) => Math.min(at, event.at), Infinity);
    if (first > end) return null;
    this.now = Math.max(this.now, first);
    const lanes = new Set<string>();
    const due = this.events.filter((event) => {
      if (event.at > this.now) return false;
      if (event.lane === null) return true;
      return !lanes.has(event.lane) && lanes.add(event.lane);
    });
    const event = this.pick(due);
    this.events = this.events.filter((other) => other !== event);
    return event;
  }
}
