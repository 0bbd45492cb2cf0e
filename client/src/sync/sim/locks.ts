import type { Bus, BusMessage } from "../engine";
import type { TabChannel } from "../tab";
import type { Owner, Scheduler } from "./scheduler";

interface Wish {
  owner: Owner;
  grant(): void;
  lose(): void;
}

/** Web Locks of one browser: one exclusive lock per name, a queue, stealing, and release at death. */
export class SimLocks {
  private held = new Map<string, Wish>();
  private lines = new Map<string, Wish[]>();

  constructor(private readonly scheduler: Scheduler) {}

  for(owner: Owner): LockManager {
    const request = (name: string, options: LockOptions, task: () => Promise<unknown>): Promise<unknown> =>
      this.request(owner, name, options, task);
    return { request } as unknown as LockManager;
  }

  /** The locks of a tab that is gone. */
  release(owner: Owner): void {
    for (const [name, line] of this.lines)
      this.lines.set(
        name,
        line.filter((wish) => wish.owner !== owner),
      );
    for (const [name, wish] of this.held) if (wish.owner === owner) this.next(name);
  }

  private request(
    owner: Owner,
    name: string,
    options: LockOptions,
    task: () => Promise<unknown>,
  ): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const later = (label: string, what: () => void): void =>
        void this.scheduler.add(`${label} ${name}`, 0, what, { owner });
      const wish: Wish = {
        owner,
        lose: () => later("loses", () => reject(new DOMException("stolen", "AbortError"))),
        grant: () => {
          this.held.set(name, wish);
          later("gets", () => {
            if (this.held.get(name) !== wish) return;
            const over = (settle: () => void): void => {
              if (this.held.get(name) !== wish) return;
              this.next(name);
              settle();
            };
            task().then(
              (value) => over(() => resolve(value)),
              (error: unknown) => over(() => reject(error as Error)),
            );
          });
        },
      };
      if (options.steal) {
        this.held.get(name)?.lose();
        wish.grant();
      } else if (!this.held.has(name)) {
        wish.grant();
      } else {
        this.line(name).push(wish);
        options.signal?.addEventListener("abort", () => {
          const line = this.line(name);
          if (!line.includes(wish)) return;
          this.lines.set(
            name,
            line.filter((other) => other !== wish),
          );
          reject(new DOMException("aborted", "AbortError"));
        });
      }
    });
  }

  private next(name: string): void {
    this.held.delete(name);
    this.line(name).shift()?.grant();
  }

  private line(name: string): Wish[] {
    if (!this.lines.has(name)) this.lines.set(name, []);
    return this.lines.get(name)!;
  }
}

/** BroadcastChannel of one browser: a tab hears the others of its name, not itself. */
export class SimChannels {
  private ends: { owner: Owner; name: string; engine: Bus; leader: Bus }[] = [];

  constructor(private readonly scheduler: Scheduler) {}

  open(owner: Owner, name: string, deaf: boolean): TabChannel {
    const post = (message: BusMessage): void => {
      if (deaf || owner.dead) return;
      for (const end of this.ends) if (end.owner !== owner && end.name === name) this.send(end, message);
    };
    const engine: Bus = { post, onMessage: () => {} };
    const leader: Bus = { post, onMessage: () => {} };
    const end = { owner, name, engine, leader };
    if (!deaf) this.ends.push(end);
    const close = (): void => void (this.ends = this.ends.filter((other) => other !== end));
    return { engine, leader, deaf, close };
  }

  release(owner: Owner): void {
    this.ends = this.ends.filter((end) => end.owner !== owner);
  }

  private send(end: { owner: Owner; engine: Bus; leader: Bus }, message: BusMessage): void {
    const hear = (): void => {
      end.engine.onMessage(message);
      end.leader.onMessage(message);
    };
    this.scheduler.add(`hears ${message.type}`, this.scheduler.below(5), hear, { owner: end.owner });
  }
}
