import { Tab, type TabDeps } from "../tab";
import { Browser } from "./browser";
import { Checks } from "./checks";
import { host } from "./host";
import { Ledger } from "./ledger";
import { Network } from "./network";
import { Phone, type PhoneKind, type SimTab } from "./phone";
import { Scheduler } from "./scheduler";
import { ModelServer } from "./server";
import { BrowserShelf, PlainShelf, type Shelf } from "./shelf";

/** What a test may replace by something broken. */
export interface Parts {
  server(): ModelServer;
  tab(deps: TabDeps): Tab;
  shelf(shelf: Shelf): Shelf;
}

export const SOUND: Parts = {
  server: () => new ModelServer(),
  tab: (deps) => new Tab(deps),
  shelf: (shelf) => shelf,
};

const BEGIN = Date.UTC(2026, 0, 5, 1);
/** What is said to take no longer than this (ms) once nothing goes wrong any more. */
const BOUND_MS = 30 * 60_000;
export const USERS = ["ann", "bob", "eve"] as const;

/** A workspace: a server, its people, their phones, and the air between. */
export class World {
  readonly scheduler: Scheduler;
  readonly server: ModelServer;
  readonly network: Network;
  readonly browser: Browser;
  readonly ledger: Ledger;
  readonly checks: Checks;
  readonly phones: Phone[] = [];

  constructor(
    seed: number,
    private readonly parts: Parts = SOUND,
  ) {
    this.scheduler = new Scheduler(seed);
    this.server = parts.server();
    this.server.now = () => this.now();
    USERS.forEach((user, i) => this.server.state.roles.set(user, i === 0 ? "supervisor" : "agent"));
    this.network = new Network(this.scheduler, this.server);
    this.browser = new Browser(this.scheduler);
    this.ledger = new Ledger(this);
    this.checks = new Checks(this);
  }

  /** True time, in UTC milliseconds. */
  now(): number {
    return BEGIN + this.scheduler.now;
  }

  tabs(): SimTab[] {
    return this.phones.flatMap((phone) => phone.tabs);
  }

  addPhone(name: string, kind: PhoneKind): Phone {
    const phone = new Phone(this, name, kind);
    this.phones.push(phone);
    return phone;
  }

  makeTab(deps: TabDeps): Tab {
    return this.parts.tab(deps);
  }

  makeShelf(phone: Phone, user: string): Shelf {
    const name = `${phone.name}-${user}`;
    return this.parts.shelf(
      phone.kind.browser
        ? new BrowserShelf(this.scheduler, this.browser, name)
        : new PlainShelf(this.scheduler, name),
    );
  }

  /** Runs `task` with this world's IndexedDB, and every step of it in this world's order. */
  async inhabit(task: () => Promise<void>): Promise<void> {
    const real = { immediate: host.setImmediate, browser: globalThis.indexedDB };
    const { scheduler } = this;
    const step = (what: () => void): void => {
      const context = scheduler.current;
      const lane = `idb ${context.name.split(".")[0]}`;
      scheduler.add("idb", scheduler.chance(0.01) ? scheduler.below(3_000) : 0, what, { context, lane });
    };
    host.setImmediate = step;
    globalThis.indexedDB = this.browser;
    try {
      await task();
    } finally {
      host.setImmediate = real.immediate;
      globalThis.indexedDB = real.browser;
    }
  }

  /** Lets up to `steps` events happen that fall due within `ms`. */
  async run(steps: number, ms: number): Promise<void> {
    const end = this.scheduler.now + ms;
    for (let i = 0; i < steps; i++) {
      if (!(await this.scheduler.step(end))) return;
      this.checks.now();
    }
  }

  async pass(ms: number): Promise<void> {
    await this.scheduler.pass(ms, () => this.checks.now());
    this.checks.now();
  }

  /** Does something in a tab, as the person in front of it. */
  async act(tab: SimTab, task: () => void): Promise<void> {
    await this.scheduler.as(tab.owner, task);
    this.checks.now();
  }

  async signIn(phone: Phone, user: string): Promise<void> {
    if (phone.profile?.user.id === user) return;
    phone.killAll();
    phone.profile = null;
    await phone.openTab();
    const door = phone.tabs[0]!;
    const body = { login: user };
    await this.act(door, () => void door.session.enter("/api/auth/login", body).catch(() => {}));
    await this.run(200, 60_000);
    phone.kill(door);
  }

  /** Waits until `done`; what takes longer than it may is not alive. */
  async until(
    what: string,
    done: () => boolean,
    meanwhile: () => Promise<void> = async () => {},
  ): Promise<void> {
    for (let waited = 0; !done(); waited += 1_000) {
      if (waited > BOUND_MS)
        this.checks.fail("I8", `${what} did not happen within ${BOUND_MS / 60_000} minutes`);
      await meanwhile();
      await this.pass(1_000);
    }
  }
}
