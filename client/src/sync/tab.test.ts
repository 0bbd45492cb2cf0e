import { describe, expect, it } from "vitest";
import { World } from "./sim/world";

describe("a tab that has lost its disk", () => {
  it.each([
    [true, true],
    [true, false],
    [false, true],
  ])("leaves what is on it to the others (IndexedDB: %s, locks: %s)", async (browser, locks) => {
    const world = new World(1);
    world.network.trouble = 0;
    await world.inhabit(async () => {
      const phone = world.addPhone("p1", { browser, locks, deaf: false });
      await world.signIn(phone, "ann");
      await phone.openTab();
      await world.pass(30_000);
      await phone.openTab();
      await world.pass(30_000);
      const [one, two] = phone.tabs;
      one!.broken = true;
      await world.act(one!, () => void one!.tab!.engine.catchUp());
      await world.pass(60_000);
      expect(one!.tab!.engine.status.state).toBe("storage_failed");
      await world.act(two!, () => {
        void two!.tab!.engine.mutate("box.note", { id: "b1", token: "t1" } as never);
      });
      await world.pass(60_000);
      expect(two!.tab!.engine.status).toMatchObject({ pending: 0, state: "idle" });
      expect(world.server.state.log).toHaveLength(1);
      // Looked at again, it does not take the lead back.
      await world.act(one!, () => one!.tab!.resume());
      await world.pass(60_000);
      expect([one!.tab!.leader.leading, two!.tab!.leader.leading]).toEqual([false, true]);
    });
  });
});
