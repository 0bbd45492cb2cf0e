import type { Timers } from "../../core/timers";
import type { Box } from "../../gen/api";
import type { Disk } from "../book";
import { Engine, type Bus, type BusMessage, type EngineDeps } from "../engine";
import type { Net } from "../net";
import type { ArgsOf, Mutators } from "../types";
import { FakeServer, made } from "./server";

/** A clock that stands still until it is moved, and its timers. */
export class FakeTime implements Timers {
  now = Date.UTC(2026, 0, 5, 1);
  private queue: { at: number; task: () => void }[] = [];

  after(ms: number, task: () => void): () => void {
    const entry = { at: this.now + ms, task };
    this.queue.push(entry);
    return () => void (this.queue = this.queue.filter((other) => other !== entry));
  }

  /** Moves on by `ms` and runs what falls due. */
  pass(ms: number): void {
    const end = this.now + ms;
    for (;;) {
      const due = this.queue.filter((e) => e.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.queue = this.queue.filter((e) => e !== due);
      this.now = due.at;
      due.task();
    }
    this.now = end;
  }
}

/** Tabs of one browser: each hears the others, not itself. */
export class Tabs {
  private buses: Bus[] = [];

  bus(): Bus {
    const own: Bus = {
      post: (message: BusMessage) => {
        for (const other of this.buses) if (other !== own) other.onMessage(message);
      },
      onMessage: () => {},
    };
    this.buses.push(own);
    return own;
  }
}

/** Numbers that look random and come again with the same seed (mulberry32). */
export function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let x = Math.imul(state ^ (state >>> 15), 1 | state);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const mutators: Mutators = {
  "box.create": (view, args) => view.put("box", made(args) as unknown as Box),
  "box.start"(view, args) {
    const box = view.get("box", args.id);
    if (box) view.put("box", { ...box, state: "doing" });
  },
  "box.finish"(view, args) {
    const box = view.get("box", args.id);
    if (box) view.put("box", { ...box, state: "done" });
  },
};

export class World {
  time = new FakeTime();
  server = new FakeServer();
  tabs = new Tabs();
  outdated = 0;

  constructor(readonly random: () => number = dice(1)) {
    this.server.now = this.time.now;
  }

  engine(disk: Disk, net: Net = this.server): Engine {
    const deps: EngineDeps = {
      userId: "u",
      disk,
      net,
      bus: this.tabs.bus(),
      mutators,
      now: () => this.time.now,
      random: (bytes) => bytes.map(() => Math.floor(this.random() * 256)),
      timers: this.time,
      onOutdated: () => this.outdated++,
    };
    return new Engine(deps);
  }
}

/** Waits for real asynchronous work (the fake disk's and ours) to come to rest. */
export async function rest(...engines: Engine[]): Promise<void> {
  for (const engine of engines) {
    for (let i = 0; i < 3; i++) {
      await engine.pump.settled();
      await engine.catchUp();
    }
  }
}

export function box(id: string, title = id): ArgsOf<"box.create"> {
  return {
    id,
    title,
    day: "2026-01-05",
    quadrant: "Q2",
    kind: "anytime",
    start_at: null,
    end_at: null,
    due_at: null,
    assignee_id: null,
  };
}
