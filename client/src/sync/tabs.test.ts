import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { beforeEach, describe, expect, it } from "vitest";
import { IdbDisk } from "./disk";
import type { Engine } from "./engine";
import { box, rest, World } from "./kit/world";

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
});

async function tab(world: World, leads = false): Promise<Engine> {
  const engine = world.engine(new IdbDisk("u"));
  await engine.start();
  engine.lead(leads);
  await rest(engine);
  return engine;
}

describe("two tabs on one disk", () => {
  it("number their edits in one row, without a gap or a clash", async () => {
    const world = new World();
    const [one, two] = [await tab(world), await tab(world)];
    await Promise.all(
      Array.from({ length: 40 }, (_, i) => (i % 2 ? one : two).mutate("box.create", box(`b${i}`))),
    );
    const { outbox } = await new IdbDisk("u").book();
    expect(outbox.map((m) => m.id)).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
    expect(new Set(outbox.map((m) => m.clientID)).size).toBe(1);
    await rest(one, two);
    expect(one.rows.all("box")).toHaveLength(40);
    expect(two.rows.all("box")).toHaveLength(40);
  });

  it("show each other's edits, and the leader sends them", async () => {
    const world = new World();
    const leader = await tab(world, true);
    const other = await tab(world);
    await other.mutate("box.create", box("a"));
    await rest(leader, other);
    expect(world.server.applied).toHaveLength(1);
    expect(leader.rows.get("box", "a")).toBeDefined();
    await rest(leader, other);
    expect(other.status).toMatchObject({ pending: 0, online: true });
    world.server.put("box/a", { id: "a", state: "done" });
    other.poke();
    await rest(leader, other);
    expect(other.rows.get("box", "a")?.state).toBe("done");
  });

  it("survive two leaders at once: everything is applied once", async () => {
    const world = new World();
    const one = await tab(world, true);
    const two = await tab(world, true);
    for (let i = 0; i < 10; i++) await (i % 2 ? one : two).mutate("box.create", box(`b${i}`));
    await rest(one, two);
    world.time.pass(60_000);
    await rest(one, two);
    expect(world.server.applied).toHaveLength(10);
    expect([one.status.pending, two.status.pending]).toEqual([0, 0]);
  });

  it("do not mistake a patch for the whole when the other one pulled first", async () => {
    const world = new World();
    const one = await tab(world, true);
    const two = await tab(world, true);
    world.server.withCheck = false;
    // The second does not hear of what the first fetches, as a tab that slept.
    one.deps.bus.post = () => {};
    world.server.put("box/x", { id: "x", state: "todo" });
    one.poke();
    await one.pump.settled();
    world.server.put("box/y", { id: "y", state: "todo" });
    two.poke();
    await two.pump.settled();
    expect(two.rows.all("box").map((row) => row.id)).toEqual(["x", "y"]);
  });

  it("keep an edit made while the rows are read anew", async () => {
    const world = new World();
    const leader = await tab(world, true);
    const other = await tab(world);
    world.server.put("box/x", { id: "x", state: "todo" });
    leader.poke();
    const made = other.mutate("box.create", box("mine"));
    void other.catchUp();
    await made;
    await rest(leader, other);
    expect(other.rows.get("box", "mine")).toBeDefined();
    expect(other.rows.get("box", "x")).toBeDefined();
  });
});

describe("a tab that is killed", () => {
  it("has saved what it said it saved, and the next one sends it", async () => {
    const world = new World();
    const first = await tab(world);
    await first.mutate("box.create", box("a"));
    first.close();
    const second = await tab(world, true);
    await rest(second);
    expect(world.server.applied).toHaveLength(1);
    expect(second.rows.get("box", "a")).toBeDefined();
  });

  it("between push and pull does not send twice what the server took", async () => {
    const world = new World();
    const first = await tab(world, true);
    world.server.before = (what) => (what === "pull" ? { ok: false, why: "offline" } : null);
    await first.mutate("box.create", box("a"));
    await rest(first);
    expect(world.server.applied).toHaveLength(1);
    first.close();
    world.server.before = () => null;
    const second = await tab(world, true);
    await rest(second);
    expect(world.server.applied).toHaveLength(1);
    expect(second.status.pending).toBe(0);
  });

  it("shows its rows and edits again offline", async () => {
    const world = new World();
    world.server.put("box/x", { id: "x", state: "todo" });
    const first = await tab(world, true);
    world.server.before = () => ({ ok: false, why: "offline" });
    await first.mutate("box.start", { id: "x" });
    first.close();
    const second = await tab(world, true);
    expect(second.rows.get("box", "x")?.state).toBe("doing");
    expect(second.status).toMatchObject({ ready: true, pending: 1, online: false });
  });

  it("leaves a stale view hidden at the next start", async () => {
    const world = new World();
    world.server.put("box/x", { id: "x", state: "todo" });
    const first = await tab(world, true);
    first.close();
    world.server.before = () => ({ ok: false, why: "offline" });
    world.time.pass(73 * 3_600_000);
    const second = await tab(world);
    expect(second.status).toMatchObject({ stale: true, ready: false });
    expect(second.rows.all("box")).toEqual([]);
    expect((await new IdbDisk("u").load()).rows).toEqual([]);
  });
});
