import { Session, type Profile } from "../session";
import type { Disk } from "../book";
import { HttpNet } from "../net";
import { Tab } from "../tab";
import { simMutators } from "./model";
import { SimChannels, SimLocks } from "./locks";
import type { Line } from "./network";
import type { Shelf } from "./shelf";
import { Owner } from "./scheduler";
import type { World } from "./world";

export interface PhoneKind {
  /** The IndexedDB disk, or the one of plain rules. */
  browser: boolean;
  locks: boolean;
  /** No BroadcastChannel. */
  deaf: boolean;
}

/** One open tab: the real session, disk, net, engine, lead and live line, in a process that can be killed. */
export class SimTab {
  readonly session: Session;
  readonly shelf: Shelf | null;
  readonly user: string | null;
  readonly tab: Tab | null;
  seen = true;
  /** Set while every use of the storage is refused. */
  broken = false;
  /** The order of the view it has shown. */
  shown = { order: -1, era: "" };
  dirty = true;

  constructor(
    readonly world: World,
    readonly phone: Phone,
    readonly owner: Owner,
  ) {
    const { scheduler } = world;
    const timers = scheduler.timers(this.owner);
    const locks = phone.kind.locks ? phone.locks.for(this.owner) : undefined;
    this.session = new Session({
      fetch: world.network.fetcher(this.owner, phone.line),
      timers,
      now: () => phone.now(),
      load: () => phone.profile,
      save: (profile) => void (phone.profile = profile),
      alone: (task) => (locks ? locks.request("refresh", {}, task) : task()) as never,
    });
    this.user = this.session.profile?.user.id ?? null;
    this.shelf = this.user ? phone.shelf(this.user) : null;
    this.tab = this.user && this.shelf ? this.open(this.user, this.shelf, locks) : null;
  }

  private open(user: string, shelf: Shelf, locks: LockManager | undefined): Tab {
    const { world, phone, owner, session } = this;
    const name = `${phone.name}-${user}`;
    const tab = world.makeTab({
      name,
      id: owner.name,
      userId: user,
      disk: this.guarded(shelf.disk(owner)),
      net: new HttpNet((path, init) => session.api(path, init)),
      channel: phone.channels.open(owner, name, phone.kind.deaf),
      locks,
      mutators: simMutators,
      now: () => phone.now(),
      random: (bytes) => world.scheduler.random(bytes),
      roll: () => world.scheduler.below(1000) / 1000,
      timers: world.scheduler.timers(owner),
      stream: (signal) => session.stream("/api/sync/events", signal),
      seen: () => this.seen,
      signedIn: () => session.state === "in",
      onOutdated: () => {},
    });
    tab.engine.onRows = () => (this.dirty = true);
    tab.engine.onStatus = () => (this.dirty = true);
    session.onChange = () => {
      if (session.state === "in") tab.resume();
      else if (session.state === "out") void tab.engine.forget();
      // Signed out here: the other tabs of the phone load anew, and so does this one.
      else world.scheduler.add("signed out", 0, () => phone.killAll());
    };
    void tab.engine.start().then(() => tab.start());
    return tab;
  }

  /** What the process asks of the disk: answers come in events of their own, and none comes to the dead. */
  private guarded(disk: Disk): Disk {
    const { scheduler } = this.world;
    const call = (name: keyof Disk, args: unknown[]): Promise<unknown> =>
      new Promise((resolve, reject) => {
        if (this.owner.dead) return;
        const answer = (label: string, settle: () => void): void =>
          void scheduler.add(label, 0, settle, { owner: this.owner, lane: `answers ${this.owner.name}` });
        if (this.broken) {
          const why = new DOMException("Connection to Indexed Database server lost", "UnknownError");
          return answer(`${name} refused`, () => reject(why));
        }
        const work = disk[name] as (...args: unknown[]) => Promise<unknown>;
        work.apply(disk, args).then(
          (value) => answer(`${name} done`, () => resolve(value)),
          (error: unknown) => answer(`${name} failed ${String(error)}`, () => reject(error as Error)),
        );
      });
    return new Proxy(disk, {
      get: (target, name: keyof Disk) =>
        name === "close" ? () => target.close() : (...args: unknown[]) => call(name, args),
    });
  }
}

/** A phone: one browser with its storage, cookie and clock, and the tabs open in it. */
export class Phone {
  tabs: SimTab[] = [];
  profile: Profile | null = null;
  readonly line: Line = { jar: null, online: true };
  /** Device clock minus true time. */
  skew = 0;
  /** Its storage was once replaced by an old copy. */
  wasOld = false;
  readonly shelves = new Map<string, Shelf>();
  readonly locks: SimLocks;
  readonly channels: SimChannels;
  private serial = 0;

  constructor(
    readonly world: World,
    readonly name: string,
    readonly kind: PhoneKind,
  ) {
    this.locks = new SimLocks(world.scheduler);
    this.channels = new SimChannels(world.scheduler);
  }

  now(): number {
    return this.world.now() + this.skew;
  }

  shelf(user: string): Shelf {
    let shelf = this.shelves.get(user);
    if (!shelf) this.shelves.set(user, (shelf = this.world.makeShelf(this, user)));
    return shelf;
  }

  async openTab(): Promise<void> {
    const owner = new Owner(`${this.name}.${++this.serial}`);
    await this.world.scheduler.as(owner, () => this.tabs.push(new SimTab(this.world, this, owner)));
  }

  kill(tab: SimTab): void {
    tab.owner.dead = true;
    this.tabs = this.tabs.filter((other) => other !== tab);
    this.world.scheduler.current = tab.owner;
    tab.shelf?.kill(tab.owner);
    this.world.scheduler.current = this.world.scheduler.world;
    this.locks.release(tab.owner);
    this.channels.release(tab.owner);
    this.world.ledger.died(tab);
  }

  /** The battery is empty. */
  killAll(): void {
    for (const tab of this.tabs) this.kill(tab);
  }
}
