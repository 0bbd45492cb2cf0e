import { Broken, busy } from "./checks";
import { atRest, converged } from "./rest";
import type { Phone, SimTab } from "./phone";
import { USERS, World, type Parts } from "./world";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const ACTIONS = 60;

/**
 * A bad month, as the seed will have it; then nothing goes wrong any more, and everything must come right. The answer
 * is what happened.
 */
export async function month(seed: number, parts?: Parts): Promise<string[]> {
  const world = new World(seed, parts);
  const script = new Script(world);
  try {
    await world.inhabit(async () => {
      await script.begin();
      for (let i = 0; i < ACTIONS; i++) await script.something();
      await script.end();
    });
  } catch (error) {
    if (error instanceof Broken)
      error.message += `\nLast:\n${world.scheduler.trace.slice(-15).join("\n").slice(0, 4_000)}`;
    throw error;
  }
  return world.scheduler.trace;
}

/** The same month twice: it must go well, and be the same both times. */
export async function twice(seed: number): Promise<string[]> {
  try {
    const first = await month(seed);
    same(first, await month(seed));
    return first;
  } catch (error) {
    (error as Error).message += `\nAgain: DUTYBOARD_SEED=${seed} npx vitest run src/sync/sim/sim.test.ts`;
    throw error;
  }
}

/** Fails at the first event in which two runs of one seed differ. */
export function same(first: string[], second: string[]): void {
  const differs = first.findIndex((line, i) => line !== second[i]);
  if (differs < 0 && first.length === second.length) return;
  throw new Broken(`two runs differ at event ${differs}:\n${first[differs]}\n${second[differs]}`);
}

type Deed = (phone: Phone) => Promise<void> | void;

class Script {
  private boxes: string[] = [];
  private backups: (() => void)[] = [];
  private images: { phone: Phone; user: string; image: unknown }[] = [];
  private readonly deeds: [number, string, Deed][];

  constructor(private readonly world: World) {
    this.deeds = [
      [50, "edit", (phone) => this.edit(phone)],
      [12, "wait", () => world.pass(this.below(20_000))],
      [3, "wait long", () => world.pass(this.below(HOUR_MS / 4))],
      [6, "kill tab", (phone) => this.with(phone, (tab) => phone.kill(tab))],
      [2, "kill phone", (phone) => phone.killAll()],
      [8, "turn on", (phone) => this.turnOn(phone)],
      [8, "look", (phone) => this.look(phone)],
      [6, "network", (phone) => void (phone.line.online = !phone.line.online)],
      [2, "away", (phone) => this.away(phone)],
      [3, "clock", (phone) => void (phone.skew = (this.below(3) - 1) * DAY_MS)],
      [2, "break storage", (phone) => this.with(phone, (tab) => void (tab.broken = true))],
      [3, "close storage", (phone) => this.with(phone, (tab) => this.disconnect(tab))],
      [3, "abort write", (phone) => this.with(phone, (tab) => this.abort(tab))],
      [2, "evict", (phone) => this.evict(phone)],
      [3, "keep image", (phone) => this.keepImage(phone)],
      [2, "old image", (phone) => this.oldImage(phone)],
      [3, "keep backup", () => void this.backups.push(world.server.backup())],
      [3, "restore", () => this.restore()],
      [2, "role", () => this.role()],
      [2, "collect", () => world.server.collect()],
      [6, "elsewhere", () => this.elsewhere()],
      [2, "sign out", (phone) => this.signOut(phone)],
      [2, "revoke", (phone) => void world.network.sessions.delete(phone.line.jar ?? "")],
    ];
  }

  async begin(): Promise<void> {
    const { world } = this;
    const kind = (browser: boolean) => ({
      // The plain disk lends the lead to whoever asks.
      browser,
      locks: !browser || world.scheduler.chance(0.8),
      deaf: world.scheduler.chance(0.15),
    });
    world.addPhone("p1", kind(world.scheduler.chance(0.8)));
    world.addPhone("p2", kind(world.scheduler.chance(0.5)));
    world.addPhone("p3", kind(false));
    this.elsewhere();
    for (const [i, phone] of world.phones.entries()) await this.enter(phone, USERS[i]!);
  }

  async something(): Promise<void> {
    const { world } = this;
    const phone = world.scheduler.pick(world.phones);
    let lot = this.below(this.deeds.reduce((sum, [weight]) => sum + weight, 0));
    const [, name, deed] = this.deeds.find(([weight]) => (lot -= weight) < 0)!;
    world.scheduler.say(`deed: ${name}, ${phone.name}`);
    await deed(phone);
    world.checks.now();
    if (world.scheduler.chance(0.2)) await this.turnOn(phone);
    await world.run(this.below(80), 60_000);
  }

  /** No more faults: all drains, all agree. */
  async end(): Promise<void> {
    const { world } = this;
    world.network.trouble = 0;
    world.server.checkEvery = 1;
    for (const phone of world.phones) phone.line.online = true;
    // What is only in memory gets out while its tab is open.
    for (const tab of world.tabs()) await this.front(tab);
    await this.until("the tabs drain", world.tabs());
    const owners = world.phones.flatMap((phone) =>
      [...phone.shelves.keys()].map((user) => ({ phone, user })),
    );
    // One more edit each: whoever was overtaken by a silent restore hears of it now.
    for (const { phone, user } of owners) await this.drain(phone, user, true);
    this.elsewhere();
    for (let version = -1; version !== world.server.state.version;) {
      version = world.server.state.version;
      for (const { phone, user } of owners) {
        const tab = await this.drain(phone, user, false);
        // What was sent again after a restore is news to the others, and takes another round.
        if (version === world.server.state.version) converged(world, world.checks, tab);
      }
    }
    atRest(world, world.checks);
  }

  /** Opens the one tab of a user on a phone, and waits until it is up to date. */
  private async drain(phone: Phone, user: string, edit: boolean): Promise<SimTab> {
    phone.killAll();
    await this.enter(phone, user);
    const tab = phone.tabs[0]!;
    if (edit) await this.mutate(tab, "box.create", {});
    const synced = (): boolean => this.world.network.pulled.has(tab.owner);
    await this.until(`${phone.name} drains for ${user}`, [tab], synced);
    return tab;
  }

  /** Waits for tabs to come to rest; whoever is asked to sign in does. */
  private until(what: string, tabs: SimTab[], also = (): boolean => true): Promise<void> {
    const calm = (): boolean => also() && tabs.every((tab) => this.calm(tab));
    return this.world.until(what, calm, async () => {
      for (const tab of tabs) if (tab.session.state === "out") await this.front(tab);
    });
  }

  private calm(tab: SimTab): boolean {
    const status = tab.tab?.engine.status;
    if (!status) return true;
    return (
      !busy(tab.tab!.engine) &&
      status.pending === 0 &&
      status.ready &&
      (!tab.tab!.engine.pump.leading || ["idle", "storage_failed"].includes(status.state))
    );
  }

  private async enter(phone: Phone, user: string): Promise<void> {
    for (let i = 0; i < 5 && phone.profile?.user.id !== user; i++) await this.world.signIn(phone, user);
    await this.turnOn(phone);
  }

  private async turnOn(phone: Phone): Promise<void> {
    if (phone.tabs.length > 1) return;
    if (!phone.profile) await this.world.signIn(phone, this.world.scheduler.pick(USERS));
    await phone.openTab();
  }

  private async with(phone: Phone, task: (tab: SimTab) => unknown): Promise<void> {
    const tabs = phone.tabs.filter((tab) => tab.tab);
    if (tabs.length > 0) await task(this.world.scheduler.pick(tabs));
  }

  private look(phone: Phone): Promise<void> {
    return this.with(phone, async (tab) => {
      if (tab.session.state === "out") await this.front(tab);
      else if (tab.seen) await this.hide(tab);
      else await this.front(tab);
    });
  }

  private async hide(tab: SimTab): Promise<void> {
    tab.seen = false;
    await this.world.act(tab, () => tab.tab!.rest());
  }

  private async front(tab: SimTab): Promise<void> {
    if (!tab.tab) return;
    tab.seen = true;
    const { session, user } = tab;
    await this.world.act(tab, () => {
      if (session.state === "out") void session.enter("/api/auth/login", { login: user! }).catch(() => {});
      tab.tab!.resume();
    });
  }

  private edit(phone: Phone): Promise<void> {
    return this.with(phone, async (tab) => {
      const { scheduler } = this.world;
      const kind = scheduler.below(100);
      const rows = tab.tab!.engine.rows;
      const known = rows.all("box").map((row) => row.id);
      const refused = rows.all("reject");
      if (kind < 45 || known.length === 0) {
        const odd = scheduler.below(12);
        const extra = odd === 0 ? { poison: this.world.network.poison } : odd === 1 ? { crash: true } : {};
        return this.mutate(tab, "box.create", extra);
      }
      if (kind < 50 && refused.length > 0) return this.discard(tab, scheduler.pick(refused).id);
      const name = kind < 75 ? "box.note" : kind < 88 ? "box.finish" : kind < 95 ? "box.assign" : "box.skip";
      const id = scheduler.chance(0.7) ? scheduler.pick(known) : scheduler.pick(this.boxes);
      return this.mutate(tab, name, { id, ...(name === "box.assign" ? { to: scheduler.pick(USERS) } : {}) });
    });
  }

  private async mutate(tab: SimTab, name: string, more: Record<string, unknown>): Promise<void> {
    const id = (more["id"] as string | undefined) ?? `b${this.world.ledger.tokens.size}`;
    if (name === "box.create") this.boxes.push(id);
    const made = this.world.ledger.make(tab, name, id);
    await this.world.act(tab, () => {
      tab.tab!.engine.mutate(name as "box.note", { id, token: made.token, ...more } as never).then(
        () => (made.resolved = true),
        () => (made.excused ??= "refused at once"),
      );
    });
  }

  private async discard(tab: SimTab, uid: string): Promise<void> {
    const made = this.world.ledger.make(tab, "reject.discard", "");
    const token = String(tab.tab!.engine.rows.get("reject", uid)?.args["token"]);
    const local = tab.tab!.engine.parked(uid);
    await this.world.act(tab, () => {
      const done = tab.tab!.engine.mutate("reject.discard", { uid, token: made.token } as never);
      done.then(
        () => (made.resolved = true),
        () => (made.excused ??= "refused at once"),
      );
    });
    if (!local) return;
    // Taken off the list, on this phone alone.
    made.excused = "never sent";
    const gone = this.world.ledger.tokens.get(token);
    if (gone) gone.excused = "discarded";
  }

  private async away(phone: Phone): Promise<void> {
    phone.line.online = false;
    if (this.world.scheduler.chance(0.3)) {
      // Over the holidays every phone is off.
      for (const other of this.world.phones) other.killAll();
      await this.world.pass(this.below(9 * DAY_MS));
    } else {
      await this.world.pass(this.below(HOUR_MS / 3));
    }
    phone.line.online = true;
  }

  private disconnect(tab: SimTab): Promise<void> {
    const quietly = this.world.scheduler.chance(0.5);
    return this.world.act(tab, () => tab.shelf!.disconnect(tab.owner, quietly));
  }

  /** At a moment when something is being written, if one comes soon. */
  private async abort(tab: SimTab): Promise<void> {
    for (let i = 0; i < 50 && !tab.shelf!.busy() && !tab.owner.dead; i++) await this.world.run(1, 1_000);
    await this.world.act(tab, () => {
      if (tab.shelf!.abort(tab.owner, "QuotaExceededError")) this.world.scheduler.say("write aborted");
    });
  }

  private evict(phone: Phone): void {
    phone.killAll();
    for (const [user, shelf] of phone.shelves) {
      shelf.evict();
      this.world.checks.forget(phone, user);
      this.world.ledger.changed(phone, user, shelf);
    }
  }

  private keepImage(phone: Phone): void {
    phone.killAll();
    for (const [user, shelf] of phone.shelves) this.images.push({ phone, user, image: shelf.image() });
  }

  private oldImage(phone: Phone): void {
    const kept = this.images.filter((one) => one.phone === phone);
    if (kept.length === 0) return;
    phone.killAll();
    const { user, image } = this.world.scheduler.pick(kept);
    const shelf = phone.shelf(user);
    shelf.restore(image);
    phone.wasOld = true;
    this.world.checks.forget(phone, user);
    this.world.ledger.changed(phone, user, shelf);
  }

  private restore(): void {
    const { world } = this;
    const back = this.backups.pop();
    if (!back) return;
    const before = world.ledger.judged();
    const { roles } = world.server.state;
    back();
    world.server.state.roles = roles;
    if (world.scheduler.chance(0.5)) world.server.epoch++;
    const broken = world.ledger.restored(before);
    if (broken.length > 0) world.checks.fail("I6", broken.join("; "));
  }

  private role(): void {
    const { roles } = this.world.server.state;
    const user = this.world.scheduler.pick(USERS);
    this.world.server.write(() => roles.set(user, roles.get(user) === "agent" ? "supervisor" : "agent"));
  }

  /** The server writes something of its own. */
  private elsewhere(): void {
    const { scheduler, server } = this.world;
    server.write(() => {
      server.publish("workspace/w", { id: "w", turn: scheduler.below(1e6), view_hours: 72 }, ["ws"]);
      if (scheduler.chance(0.3)) server.publish(`team/t${scheduler.below(5)}`, null, []);
      else server.publish(`team/t${scheduler.below(5)}`, { id: "t", turn: scheduler.below(1e6) }, ["ws"]);
    });
  }

  private async signOut(phone: Phone): Promise<void> {
    await this.with(phone, (tab) =>
      this.world.act(tab, () => void tab.tab!.engine.forget().then(() => tab.session.leave())),
    );
    await this.world.run(100, 30_000);
    // The other tabs of the phone load anew.
    if (!phone.profile) phone.killAll();
  }

  private below(end: number): number {
    return this.world.scheduler.below(Math.ceil(end));
  }
}
