import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { beforeEach, describe, expect, it } from "vitest";
import type { Disk } from "./book";
import { IdbDisk } from "./disk";
import type { Engine } from "./engine";
import { box, rest, World } from "./kit/world";
import { MemoryDisk } from "./memory";

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
});

async function leader(world: World, disk: Disk = new IdbDisk("u")): Promise<Engine> {
  const engine = world.engine(disk);
  await engine.start();
  engine.lead(true);
  await rest(engine);
  return engine;
}

function ids(engine: Engine): string[] {
  return engine.rows
    .all("box")
    .map((row) => row.id)
    .sort();
}

describe.each([
  ["IndexedDB", () => new IdbDisk("u")],
  ["memory", () => new MemoryDisk()],
])("an engine on %s", (_name, disk) => {
  it("shows an edit at once, sends it, and shows the server's row afterwards", async () => {
    const world = new World();
    const engine = await leader(world, disk());
    await engine.mutate("box.create", box("a"));
    expect(ids(engine)).toEqual(["a"]);
    await rest(engine);
    expect(world.server.applied).toHaveLength(1);
    expect(engine.status).toMatchObject({ pending: 0, online: true, state: "idle", ready: true });
    expect(ids(engine)).toEqual(["a"]);
  });

  it("applies an edit once when the reply to its push was lost", async () => {
    const world = new World();
    const engine = await leader(world, disk());
    let lost = 1;
    world.server.after = (what) => (what === "push" && lost-- > 0 ? { ok: false, why: "offline" } : null);
    await engine.mutate("box.create", box("a"));
    await rest(engine);
    expect(engine.status).toMatchObject({ pending: 1, online: false, state: "offline" });
    world.time.pass(10_000);
    await rest(engine);
    expect(engine.status.pending).toBe(0);
    expect(world.server.applied).toHaveLength(1);
  });

  it("takes back what was refused, and shows the rejection", async () => {
    const world = new World();
    world.server.put("box/a", { id: "a", state: "todo" });
    const engine = await leader(world, disk());
    world.server.refuse.set("box.start", "taken_over");
    world.server.before = (what) => (what === "push" ? { ok: false, why: "offline" } : null);
    await engine.mutate("box.start", { id: "a" });
    expect(engine.rows.get("box", "a")?.state).toBe("doing");
    world.server.before = () => null;
    world.time.pass(60_000);
    await rest(engine);
    expect(engine.rows.get("box", "a")?.state).toBe("todo");
    expect(engine.rows.all("reject")).toMatchObject([{ name: "box.start", code: "taken_over" }]);
    expect(engine.parked(engine.rows.all("reject")[0]!.id)).toBe(false);
  });

  it("sends a long queue in chunks, in order", async () => {
    const world = new World();
    const engine = await leader(world, disk());
    world.server.before = () => ({ ok: false, why: "offline" });
    for (let i = 0; i < 450; i++) await engine.mutate("box.create", box(`b${i}`));
    world.server.before = () => null;
    world.time.pass(120_000);
    await rest(engine);
    expect(world.server.pushes.map((batch) => batch.length)).toEqual([200, 200, 50]);
    expect(world.server.applied).toHaveLength(450);
    expect(engine.status.pending).toBe(0);
  });

  it("halves a chunk that is too large, and sets aside an edit that is too large by itself", async () => {
    const world = new World();
    const engine = await leader(world, disk());
    world.server.before = (what, body) =>
      what === "push" && JSON.stringify(body).length > 3_000 ? { ok: false, why: "too_large" } : null;
    for (let i = 0; i < 12; i++) await engine.mutate("box.create", box(`b${i}`));
    await engine.mutate("box.create", box("big", "x".repeat(5_000)));
    await engine.mutate("box.create", box("last"));
    await rest(engine);
    world.time.pass(60_000);
    await rest(engine);
    expect(world.server.applied).toHaveLength(13);
    expect(engine.rows.all("reject")).toMatchObject([{ name: "box.create", code: "too_large" }]);
    expect(engine.status.pending).toBe(0);
  });

  it("finds the one edit the server cannot read, sets it aside and sends all others", async () => {
    const world = new World();
    const engine = await leader(world, disk());
    world.server.before = (what, body) =>
      what === "push" && JSON.stringify(body).includes("poison")
        ? { ok: false, why: "bad", code: "bad_request" }
        : null;
    for (const id of ["a", "b", "poison", "c", "d"]) await engine.mutate("box.create", box(id));
    await rest(engine);
    world.time.pass(60_000);
    await rest(engine);
    expect([...world.server.snapshot().keys()].sort()).toEqual(["box/a", "box/b", "box/c", "box/d"]);
    expect(engine.status.pending).toBe(0);
    const [reject] = engine.rows.all("reject");
    expect(reject).toMatchObject({ name: "box.create", code: "bad_request", args: { title: "poison" } });
    expect(engine.parked(reject!.id)).toBe(true);
    await engine.mutate("reject.discard", { uid: reject!.id });
    expect(engine.rows.all("reject")).toEqual([]);
    expect(engine.status.pending).toBe(0);
  });

  it("keeps the whole queue when a network refuses every push, even an empty one", async () => {
    const world = new World();
    const engine = await leader(world, disk());
    world.server.before = (what) => (what === "push" ? { ok: false, why: "bad" } : null);
    await engine.mutate("box.create", box("a"));
    await rest(engine);
    world.time.pass(400_000);
    await rest(engine);
    expect(engine.rows.all("reject")).toEqual([]);
    expect(engine.status.pending).toBe(1);
    world.server.before = () => null;
    world.time.pass(400_000);
    await rest(engine);
    expect(world.server.applied).toHaveLength(1);
  });

  it("sends the last week again when the server comes back from an old backup", async () => {
    const world = new World();
    const engine = await leader(world, disk());
    await engine.mutate("box.create", box("kept"));
    await rest(engine);
    const restore = world.server.backup();
    await engine.mutate("box.create", box("lost1"));
    await engine.mutate("box.start", { id: "kept" });
    await rest(engine);
    restore();
    await engine.mutate("box.create", box("new"));
    world.time.pass(120_000);
    await rest(engine);
    expect([...world.server.snapshot().keys()].sort()).toEqual(["box/kept", "box/lost1", "box/new"]);
    expect(world.server.snapshot().get("box/kept")).toMatchObject({ state: "doing" });
    expect(world.server.applied).toHaveLength(4);
    expect(engine.status.pending).toBe(0);
    expect(ids(engine)).toEqual(["kept", "lost1", "new"]);
  });

  it("comes back as a new client when the server has forgotten it", async () => {
    const world = new World();
    const engine = await leader(world, disk());
    await engine.mutate("box.create", box("a"));
    await rest(engine);
    world.server.clients.clear();
    await engine.mutate("box.create", box("b"));
    await rest(engine);
    world.server.clients.clear();
    world.server.groups.clear();
    await engine.mutate("box.create", box("c"));
    await rest(engine);
    world.time.pass(60_000);
    await rest(engine);
    expect(world.server.applied).toHaveLength(3);
    expect(engine.status.pending).toBe(0);
    expect(ids(engine)).toEqual(["a", "b", "c"]);
  });

  it("sends everything again when it is forgotten in the middle of a long queue", async () => {
    const world = new World();
    const engine = await leader(world, disk());
    world.server.before = () => ({ ok: false, why: "offline" });
    for (let i = 0; i < 250; i++) await engine.mutate("box.create", box(`b${i}`));
    world.server.before = () => {
      if (world.server.pushes.length === 1) world.server.clients.clear();
      return null;
    };
    world.time.pass(60_000);
    await rest(engine);
    expect(world.server.applied).toHaveLength(250);
    expect(engine.status.pending).toBe(0);
  });

  it("never goes back to an older answer", async () => {
    const world = new World();
    const engine = await leader(world, disk());
    await engine.mutate("box.create", box("a"));
    await rest(engine);
    world.server.version -= 1;
    world.server.rows.set("box/a", { value: null, version: world.server.version });
    world.time.pass(60_000);
    await rest(engine);
    expect(ids(engine)).toEqual(["a"]);
  });

  it("fetches everything anew, once, when the counts differ", async () => {
    const world = new World();
    world.server.put("box/a", { id: "a", state: "todo" });
    const engine = await leader(world, disk());
    // A row that slipped past the cookie.
    world.server.rows.set("box/slipped", { value: { id: "slipped" }, version: 1 });
    world.time.pass(60_000);
    await rest(engine);
    expect(ids(engine)).toEqual(["a", "slipped"]);
    const before = world.server.requests.length;
    world.time.pass(60_000);
    await rest(engine);
    expect(world.server.requests.length - before).toBe(1);
  });

  it("hides a view older than the workspace allows, keeps the edits, and comes back with the server", async () => {
    const world = new World();
    world.server.put("workspace/w", { id: "w", view_hours: 24 });
    world.server.put("box/a", { id: "a", state: "todo" });
    const engine = await leader(world, disk());
    world.server.before = () => ({ ok: false, why: "offline" });
    await engine.mutate("box.create", box("mine"));
    world.time.pass(25 * 3_600_000);
    await rest(engine);
    await engine.checkLease();
    expect(engine.status).toMatchObject({ stale: true, ready: false, pending: 1 });
    expect(engine.rows.get("box", "a")).toBeUndefined();
    world.server.before = () => null;
    world.time.pass(60_000);
    await rest(engine);
    expect(engine.status).toMatchObject({ stale: false, ready: true, pending: 0 });
    expect(ids(engine)).toEqual(["a", "mine"]);
  });

  it("waits as long as the server asks, and tells when it is outdated", async () => {
    const world = new World();
    const engine = await leader(world, disk());
    world.server.before = (what) => (what === "push" ? { ok: false, why: "busy", after: 20_000 } : null);
    await engine.mutate("box.create", box("a"));
    await rest(engine);
    const asked = world.server.requests.length;
    world.time.pass(19_000);
    await engine.mutate("box.create", box("b"));
    await rest(engine);
    expect(world.server.requests.length).toBe(asked);
    world.server.before = () => ({ ok: true, body: { error: "VersionNotSupported" } as never });
    world.time.pass(2_000);
    await rest(engine);
    expect(world.outdated).toBe(1);
    expect(engine.status.pending).toBe(2);
  });

  it("sends again what a restored server has forgotten, though the view was wiped meanwhile", async () => {
    const world = new World();
    const engine = await leader(world, disk());
    const restore = world.server.backup();
    await engine.mutate("box.create", box("a"));
    await rest(engine);
    await engine.forget();
    restore();
    engine.poke();
    await rest(engine);
    expect(ids(engine)).toEqual(["a"]);
    expect(world.server.applied).toHaveLength(1);
  });

  it("does not call refused what was done, though a filter refuses to hear of it again", async () => {
    const world = new World();
    const engine = await leader(world, disk());
    world.server.before = (what) => (what === "pull" ? { ok: false, why: "offline" } : null);
    await engine.mutate("box.create", box("a"));
    await rest(engine);
    expect(engine.status.pending).toBe(1);
    world.server.before = (what, body) =>
      what === "push" && JSON.stringify(body).includes("box.create") ? { ok: false, why: "bad" } : null;
    world.time.pass(60_000);
    await rest(engine);
    expect(engine.rows.all("reject")).toEqual([]);
    expect(engine.status.pending).toBe(0);
    expect(world.server.applied).toHaveLength(1);
  });

  it("does not wait for a day because the device's clock was set back", async () => {
    const world = new World();
    const engine = await leader(world, disk());
    world.server.before = (what) => (what === "push" ? { ok: false, why: "busy", after: 20_000 } : null);
    await engine.mutate("box.create", box("a"));
    await rest(engine);
    world.server.before = () => null;
    world.time.now -= 24 * 3_600_000;
    engine.poke();
    await rest(engine);
    expect(world.server.applied).toHaveLength(1);
  });

  it("keeps the queue through a lost session and goes on after signing in", async () => {
    const world = new World();
    const engine = await leader(world, disk());
    world.server.before = () => ({ ok: false, why: "auth" });
    await engine.mutate("box.create", box("a"));
    await rest(engine);
    expect(engine.status).toMatchObject({ pending: 1, state: "signed_out" });
    world.server.before = () => null;
    engine.poke();
    await rest(engine);
    expect(engine.status).toMatchObject({ pending: 0, state: "idle" });
  });

  it("stamps edits with the server's clock", async () => {
    const world = new World();
    world.server.now = world.time.now + 3_600_000;
    const engine = await leader(world, disk());
    await engine.mutate("box.create", box("a"));
    await engine.mutate("box.create", { ...box("b"), at: 5 });
    await rest(engine);
    const sent = world.server.pushes.flat();
    expect(sent[0]).toMatchObject({ timestamp: world.server.now, args: { at: world.server.now } });
    expect(sent[1]).toMatchObject({ timestamp: 5, args: { at: 5 } });
  });
});
