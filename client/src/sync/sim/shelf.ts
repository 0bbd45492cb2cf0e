import type { Disk } from "../book";
import { IdbDisk } from "../disk";
import { MemoryDisk } from "../memory";
import type { Browser, Held, Image } from "./browser";
import type { Owner, Scheduler } from "./scheduler";

/** Where one phone keeps one user's data. */
export interface Shelf {
  disk(tab: Owner): Disk;
  /** What is on it; null when nothing ever was. In the middle of a write it may be neither before nor after. */
  held(): Held | null;
  rev(): number;
  /** Whether a write is under way. */
  busy(): boolean;
  /** A process is gone, in the middle of whatever it did. */
  kill(tab: Owner): void;
  /** Breaks off a write that is under way. */
  abort(tab: Owner, why: string): boolean;
  disconnect(tab: Owner, quietly: boolean): void;
  evict(): void;
  image(): unknown;
  restore(image: unknown): void;
}

/**
 * The disk that ships, over an IndexedDB whose every step is an event: a power cut may come between any two requests of
 * a transaction. What is proved of the engine's durability is proved here.
 */
export class BrowserShelf implements Shelf {
  constructor(
    private readonly scheduler: Scheduler,
    private readonly browser: Browser,
    private readonly name: string,
  ) {}

  disk(tab: Owner): Disk {
    return new IdbDisk(this.name, this.scheduler.timers(tab));
  }
  held(): Held | null {
    return this.browser.look(this.key);
  }
  rev(): number {
    return this.browser.rev(this.key);
  }
  busy(): boolean {
    return this.browser.busy(this.key);
  }
  kill(tab: Owner): void {
    this.browser.kill(tab);
  }
  abort(tab: Owner, why: string): boolean {
    return this.browser.abort(tab, why);
  }
  disconnect(tab: Owner, quietly: boolean): void {
    this.browser.disconnect(tab, quietly);
  }
  evict(): void {
    this.browser.drop(this.key);
  }
  image(): unknown {
    return this.browser.image(this.key);
  }
  restore(image: unknown): void {
    if (image) this.browser.restore(image as Image);
    else this.evict();
  }

  private get key(): string {
    return `dutyboard-${this.name}`;
  }
}

/**
 * A disk of atomic operations, each one event before or after which the power may fail. Its rules are MemoryDisk's: that
 * is what a tab without storage works on, and for the rest it checks the engine at less cost than IndexedDB.
 */
export class PlainShelf implements Shelf {
  private kept = new MemoryDisk();
  private open = false;

  constructor(
    private readonly scheduler: Scheduler,
    private readonly name: string,
  ) {}

  disk(tab: Owner): Disk {
    const call = (name: string, args: unknown[]): Promise<unknown> =>
      new Promise((resolve, reject) => {
        const task = (): void => {
          if (tab.dead) return;
          if (name === "open") this.open = true;
          const work = this.kept[name as "book"] as (...args: unknown[]) => Promise<unknown>;
          work
            .apply(this.kept, structuredClone(args))
            .then((answer) => resolve(structuredClone(answer)), reject);
        };
        const lane = `disk ${this.name}`;
        this.scheduler.add(`${name} on ${this.name}`, this.scheduler.below(3), task, { context: tab, lane });
      });
    return new Proxy({} as Disk, {
      get: (_, name: string) => (name === "close" ? () => {} : (...args: unknown[]) => call(name, args)),
    });
  }
  held(): Held | null {
    if (!this.open) return null;
    const inside = this.kept as unknown as Omit<Held, "journal" | "parked" | "rows"> & {
      journal: { mutation: Held["journal"][0] }[];
      parked: Map<string, Held["parked"][0]>;
      rows: Map<string, unknown>;
    };
    const journal = inside.journal.map((entry) => entry.mutation);
    return {
      meta: inside.meta,
      outbox: inside.outbox,
      journal,
      parked: [...inside.parked.values()],
      rows: [...inside.rows],
    };
  }
  rev(): number {
    return this.open ? (this.kept as unknown as Held).meta.rev : -1;
  }
  busy(): boolean {
    return false;
  }
  kill(): void {}
  abort(): boolean {
    return false;
  }
  disconnect(): void {}
  evict(): void {
    this.kept = new MemoryDisk();
    this.open = false;
  }
  image(): unknown {
    return this.open ? structuredClone({ ...this.kept }) : null;
  }
  restore(image: unknown): void {
    this.evict();
    if (!image) return;
    Object.assign(this.kept, structuredClone(image));
    this.open = true;
  }
}
