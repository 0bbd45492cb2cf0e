import type { Timers } from "../core/timers";
import type { Bus } from "./engine";

export interface LeaderDeps {
  /** One name per user and device. */
  name: string;
  tab: string;
  locks: LockManager | undefined;
  /** The stand-in where there are no locks. */
  lease(tab: string, now: number, ms: number): Promise<boolean>;
  bus: Bus;
  timers: Timers;
  now(): number;
  onChange(leading: boolean): void;
}

const LEASE_MS = 15_000;
const RENEW_MS = 5_000;
/** How long a leader may take to answer before it counts as frozen. */
const ANSWER_MS = 3_000;
/** A page that is being left is refused every lock at once; asking again without a pause would never end. */
const RETRY_MS = 1_000;

/**
 * One tab talks to the network. The lead goes to whoever is looked at: phones freeze hidden tabs without a word, and a
 * frozen leader would leave the tab in front without a connection.
 */
export class Leader {
  leading = false;

  private visible = false;
  private stopped = false;
  private answered = false;
  private release: () => void = () => {};
  private queued: AbortController | null = null;
  private cancelAsk: () => void = () => {};
  private cancelRenew: () => void = () => {};
  private cancelRetry: () => void = () => {};

  constructor(private readonly deps: LeaderDeps) {}

  start(visible: boolean): void {
    this.visible = visible;
    if (this.deps.locks) this.queue(this.deps.locks);
    else void this.renew();
    this.ask();
  }

  setVisible(visible: boolean): void {
    this.visible = visible;
    if (this.deps.locks) this.ask();
    else void this.renew();
  }

  stop(): void {
    this.stopped = true;
    this.cancelAsk();
    this.cancelRenew();
    this.cancelRetry();
    this.queued?.abort();
    this.release();
    this.set(false);
  }

  heard(message: { type: string }): void {
    if (message.type === "keep") this.answered = true;
    if (message.type !== "yield" || !this.leading || !this.deps.locks) return;
    // Two windows side by side: the one that leads goes on.
    if (this.visible) this.deps.bus.post({ type: "keep" });
    else this.release();
  }

  /** Asks the leader, if it is hidden, to hand over; takes over from one that does not answer. */
  private ask(): void {
    this.cancelAsk();
    const { locks } = this.deps;
    if (!this.visible || this.leading || this.stopped || !locks) return;
    this.answered = false;
    this.deps.bus.post({ type: "yield" });
    this.cancelAsk = this.deps.timers.after(ANSWER_MS, () => {
      if (this.leading || this.answered || !this.visible || this.stopped) return;
      this.queued?.abort();
      this.hold(locks.request(this.deps.name, { steal: true }, () => this.lead()));
    });
  }

  private queue(locks: LockManager): void {
    const abort = new AbortController();
    this.queued = abort;
    this.hold(
      locks.request(this.deps.name, { signal: abort.signal }, () => this.lead()),
      abort,
    );
  }

  /** Holds the lock until released; when it is lost, by choice or to another tab, stands in line again. */
  private hold(request: Promise<unknown>, abort?: AbortController): void {
    const over = (refused: boolean): void => {
      if (abort?.signal.aborted) return;
      const led = this.leading;
      this.set(false);
      if (this.stopped || !this.deps.locks) return;
      if (!refused || led) this.queue(this.deps.locks);
      else
        this.cancelRetry = this.deps.timers.after(
          RETRY_MS,
          () => this.deps.locks && this.queue(this.deps.locks),
        );
    };
    request.then(
      () => over(false),
      () => over(true),
    );
  }

  private lead(): Promise<void> {
    this.queued = null;
    return new Promise((resolve) => {
      this.release = resolve;
      if (this.stopped) resolve();
      else this.set(true);
    });
  }

  private async renew(): Promise<void> {
    this.cancelRenew();
    if (this.stopped) return;
    let mine = false;
    if (this.visible) {
      try {
        mine = await this.deps.lease(this.deps.tab, this.deps.now(), LEASE_MS);
      } catch {
        // No disk to share: then there is nothing to fight over either.
        mine = true;
      }
    }
    this.set(mine && !this.stopped);
    this.cancelRenew();
    this.cancelRenew = this.deps.timers.after(RENEW_MS, () => void this.renew());
  }

  private set(leading: boolean): void {
    if (this.leading === leading) return;
    this.leading = leading;
    this.deps.onChange(leading);
  }
}
