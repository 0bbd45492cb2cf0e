import { describe, expect, it, vi } from "vitest";
import { checkOf } from "../rows";
import type { Phone, SimTab } from "./phone";
import { atRest, converged } from "./rest";
import { World } from "./world";

interface Long {
  world: World;
  phone: Phone;
  tab: SimTab;
}

/** A phone that has made so many edits without a network; the odd ones carry what no server will ever take. */
async function offline(world: World, browser: boolean, count: number, odd: number[]): Promise<Long> {
  const phone = world.addPhone("p1", { browser, locks: true, deaf: false });
  world.network.trouble = 0;
  await world.signIn(phone, "ann");
  await phone.openTab();
  await world.pass(5_000);
  phone.line.online = false;
  const tab = phone.tabs[0]!;
  for (let i = 0; i < count; i++) {
    const made = world.ledger.make(tab, "box.create", `b${i}`);
    const poison = odd.includes(i) ? { poison: world.network.poison } : {};
    await world.scheduler.as(tab.owner, () => {
      const args = { id: `b${i}`, token: made.token, ...poison } as never;
      void tab.tab!.engine.mutate("box.create", args).then(() => (made.resolved = true));
    });
  }
  const made = (): boolean => tab.tab!.engine.status.pending === count;
  while (!made()) await world.scheduler.step(Infinity);
  return { world, phone, tab };
}

async function drain({ world, phone, tab }: Long): Promise<void> {
  phone.line.online = true;
  for (let minute = 0; tab.tab!.engine.status.pending > 0; minute++) {
    expect(minute).toBeLessThan(30);
    await world.scheduler.pass(60_000);
  }
  world.checks.now();
  converged(world, world.checks, tab);
  atRest(world, world.checks);
}

// They are quick, but the machine may be busy.
vi.setConfig({ testTimeout: 120_000 });

describe("a long queue", () => {
  it("of 10,000 edits drains, each done once", async () => {
    const world = new World(1);
    await world.inhabit(async () => {
      const long = await offline(world, false, 10_000, []);
      expect([...world.ledger.tokens.values()].every((token) => token.resolved)).toBe(true);
      await drain(long);
      expect(world.server.state.log.map((entry) => entry.token)).toEqual([...world.ledger.tokens.keys()]);
      expect(checkOf(long.tab.tab!.engine.rows.entries()).n).toBe(10_000);
    });
  });

  it.each([
    ["first", [0]],
    ["in the middle", [30]],
    ["last", [59]],
    ["everywhere", [0, 1, 30, 58, 59]],
  ])("with poison %s drains on the real disk, and the poison is set aside", async (_where, odd) => {
    const world = new World(2);
    await world.inhabit(async () => {
      const long = await offline(world, true, 60, odd);
      await drain(long);
      expect(world.server.state.log.filter((entry) => entry.outcome === "applied")).toHaveLength(
        60 - odd.length,
      );
      expect(long.tab.tab!.engine.rows.all("reject")).toHaveLength(odd.length);
    });
  });

  it("is sent once though the phone is killed again and again", async () => {
    const world = new World(3);
    await world.inhabit(async () => {
      const { phone } = await offline(world, true, 60, [7]);
      phone.line.online = true;
      for (let i = 0; i < 40; i++) {
        phone.killAll();
        await phone.openTab();
        for (let step = world.scheduler.below(150); step > 0; step--) await world.scheduler.step(Infinity);
      }
      await drain({ world, phone, tab: phone.tabs[0]! });
    });
  });
});
