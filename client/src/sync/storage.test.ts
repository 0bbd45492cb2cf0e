import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Reject } from "../gen/api";
import { JOURNAL_MS, type Draft } from "./book";
import { IdbDisk } from "./disk";
import type { Engine } from "./engine";
import { box, rest, World } from "./kit/world";
import { MemoryDisk } from "./memory";
import type { Cookie, Mutation, PatchOp } from "./types";

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
});

/** A disk that is full from some moment on. */
class FullDisk extends IdbDisk {
  full = false;

  override append(draft: Draft): Promise<Mutation> {
    if (this.full) return Promise.reject(new DOMException("full", "QuotaExceededError"));
    return super.append(draft);
  }
}

async function lead(engine: Engine): Promise<Engine> {
  await engine.start();
  engine.lead(true);
  await rest(engine);
  return engine;
}

describe("without storage", () => {
  it("works online, says so, and promises nothing before the server has it", async () => {
    const world = new World();
    world.server.put("box/x", { id: "x", state: "todo" });
    // @ts-expect-error a private window of an old browser
    globalThis.indexedDB = undefined;
    const engine = await lead(world.engine(new IdbDisk("u")));
    expect(engine.status.state).toBe("storage_failed");
    expect(engine.rows.get("box", "x")).toBeDefined();
    world.server.before = () => ({ ok: false, why: "offline" });
    let saved = false;
    const made = engine.mutate("box.start", { id: "x" }).then(() => (saved = true));
    await rest(engine);
    expect(engine.rows.get("box", "x")?.state).toBe("doing");
    expect(saved).toBe(false);
    world.server.before = () => null;
    world.time.pass(60_000);
    await rest(engine);
    await made;
    expect(world.server.applied).toHaveLength(1);
    expect(engine.status).toMatchObject({ pending: 0, state: "storage_failed" });
  });

  it("goes on in memory when the disk fills up, and loses neither old nor new edits", async () => {
    const world = new World();
    const disk = new FullDisk("u");
    const engine = await lead(world.engine(disk));
    world.server.before = () => ({ ok: false, why: "offline" });
    await engine.mutate("box.create", box("old"));
    disk.full = true;
    const made = engine.mutate("box.create", box("new"));
    await rest(engine);
    expect(engine.status).toMatchObject({ state: "storage_failed", pending: 2 });
    world.server.before = () => null;
    world.time.pass(60_000);
    await rest(engine);
    await made;
    expect(world.server.applied).toHaveLength(2);
    // The old one is still on the disk; sent again after a reload it is known by its uid.
    engine.close();
    const next = await lead(world.engine(new IdbDisk("u")));
    await next.mutate("box.create", box("later"));
    await rest(next);
    expect(world.server.applied).toHaveLength(3);
    expect(next.status.pending).toBe(0);
  });

  it("goes on in memory when the disk is lost while the rows are forgotten", async () => {
    const world = new World();
    const disk = new LostDisk("u");
    const engine = await lead(world.engine(disk));
    world.server.before = () => ({ ok: false, why: "offline" });
    await engine.mutate("box.create", box("a"));
    disk.lost = true;
    await engine.forget();
    expect(engine.status).toMatchObject({ state: "storage_failed", pending: 1, ready: false });
  });

  it("tells a waiting edit that it was refused for good", async () => {
    const world = new World();
    // @ts-expect-error as above
    globalThis.indexedDB = undefined;
    const engine = await lead(world.engine(new IdbDisk("u")));
    world.server.before = (what, body) =>
      what === "push" && JSON.stringify(body).includes("poison")
        ? { ok: false, why: "bad", code: "bad_value" }
        : null;
    await expect(engine.mutate("box.create", box("poison"))).rejects.toMatchObject({ code: "bad_value" });
    await rest(engine);
    expect(engine.rows.all("reject")).toMatchObject([{ code: "bad_value" }]);
  });
});

/** A disk whose connection is lost between a write and the look at it. */
class LostDisk extends IdbDisk {
  lost = false;

  override load(): ReturnType<IdbDisk["load"]> {
    return this.lost ? Promise.reject(new Error("lost")) : super.load();
  }
}

describe("the disk", () => {
  const keys = { clientID: "c", clientGroupID: "g" };
  const reject: Reject = {
    id: "",
    name: "box.start",
    args: {},
    code: "gone",
    at: 0,
    handed: false,
    user_id: "u",
  };
  const draft = (uid: string): Draft => ({
    uid,
    name: "box.start",
    args: { id: "x" },
    timestamp: 0,
    schema: "1",
  });

  it("opens again by itself when the browser has closed it", async () => {
    const disk = new IdbDisk("u");
    await disk.open(keys);
    const close = (): void => (disk as unknown as { db: IDBDatabase }).db.close();
    close();
    expect((await disk.append(draft("a"))).id).toBe(1);
    close();
    expect(await disk.rev()).toBe(1);
  });

  it("does not give an id twice when an append fails", async () => {
    const disk = new IdbDisk("u");
    await disk.open(keys);
    await expect(disk.append({ ...draft("a"), args: { bad: () => 1 } as never })).rejects.toThrow();
    expect((await disk.append(draft("b"))).id).toBe(1);
  });

  it("drops the rows of another schema and keeps the queue", async () => {
    const disk = new IdbDisk("u");
    await disk.open(keys);
    await disk.append(draft("a"));
    const asked = { cookie: null, clientGroupID: "g" };
    const patch = [{ op: "put" as const, key: "box/x", value: { id: "x" } }];
    await disk.settle(asked, { cookie: { order: 1 }, lastMutationIDChanges: {}, patch }, 0, 0);
    const raw = (disk as unknown as { db: { put(s: string, v: unknown, k: string): Promise<void> } }).db;
    await raw.put("meta", { ...(await disk.book()).meta, schema: "0" }, "meta");
    const later = new IdbDisk("u");
    await later.open(keys);
    const found = await later.load();
    expect(found.rows).toEqual([]);
    expect(found.outbox).toHaveLength(1);
    expect(found.meta).toMatchObject({ cookie: null, has_view: false, schema: "1" });
  });

  it.each([
    ["IndexedDB", () => new IdbDisk("u")],
    ["memory", () => new MemoryDisk()],
  ])("forgets acknowledged edits after a week (%s)", async (_name, make) => {
    const disk = make();
    await disk.open(keys);
    await disk.append(draft("old"));
    const settle = (order: number, through: number, now: number) =>
      disk.settle(
        { cookie: order > 1 ? { order: order - 1 } : null, clientGroupID: "g" },
        { cookie: { order }, lastMutationIDChanges: { c: through }, patch: [] },
        now,
        0,
      );
    expect(await settle(1, 1, 0)).toBe("applied");
    await disk.append(draft("young"));
    expect(await settle(2, 2, JOURNAL_MS)).toBe("applied");
    expect(await settle(3, 2, JOURNAL_MS + 1)).toBe("applied");
    await disk.rekey("g", { clientID: "c2", clientGroupID: "g2" });
    const { outbox } = await disk.book();
    expect(outbox).toMatchObject([{ uid: "young", clientID: "c2", id: 1 }]);
  });

  it.each([
    ["IndexedDB", () => new IdbDisk("u")],
    ["memory", () => new MemoryDisk()],
  ])("knows an answer that acknowledges what was never made (%s)", async (_name, make) => {
    const disk = make();
    await disk.open(keys);
    await disk.append(draft("a"));
    const reply = { cookie: { order: 1 }, lastMutationIDChanges: { c: 7 }, patch: [] };
    expect(await disk.settle({ cookie: null, clientGroupID: "g" }, reply, 0, 0)).toBe("future");
    expect((await disk.book()).outbox).toHaveLength(1);
  });

  it.each([
    ["IndexedDB", () => new IdbDisk("u")],
    ["memory", () => new MemoryDisk()],
  ])("knows a new beginning that has forgotten what was acknowledged (%s)", async (_name, make) => {
    const disk = make();
    await disk.open(keys);
    const settle = (cookie: Cookie, order: number, lmids: Record<string, number>, patch: PatchOp[]) =>
      disk.settle(
        { cookie, clientGroupID: "g" },
        { cookie: { order }, lastMutationIDChanges: lmids, patch },
        0,
        0,
      );
    await disk.append(draft("a"));
    await disk.append(draft("b"));
    expect(await settle(null, 5, { c: 1 }, [])).toBe("applied");
    await disk.park("b", { ...reject, id: "b" }, "c2");
    await disk.wipe();
    const anew: PatchOp[] = [{ op: "clear" }];
    expect(await settle(null, 6, {}, anew)).toBe("past");
    expect(await settle(null, 6, { c: 1 }, anew)).toBe("applied");
  });

  it.each([
    ["IndexedDB", () => new IdbDisk("u")],
    ["memory", () => new MemoryDisk()],
  ])("applies an answer only to the view it was asked for (%s)", async (_name, make) => {
    const disk = make();
    await disk.open(keys);
    const settle = (cookie: Cookie, group: string, order: number, key: string) =>
      disk.settle(
        { cookie, clientGroupID: group },
        { cookie: { order }, lastMutationIDChanges: {}, patch: [{ op: "put", key, value: { id: key } }] },
        0,
        0,
      );
    expect(await settle(null, "g", 5, "box/a")).toBe("applied");
    expect(await settle(null, "g", 6, "box/b")).toBe("moved");
    expect(await settle({ order: 5 }, "other", 6, "box/b")).toBe("moved");
    expect(await settle({ order: 5 }, "g", 4, "box/b")).toBe("older");
    expect((await disk.load()).rows.map(([key]) => key)).toEqual(["box/a"]);
  });

  it.each([
    ["IndexedDB", () => new IdbDisk("u")],
    ["memory", () => new MemoryDisk()],
  ])("takes a new identity once, though two tabs ask for it (%s)", async (_name, make) => {
    const disk = make();
    await disk.open(keys);
    await disk.rekey("g", { clientID: "c2", clientGroupID: "g2" });
    await disk.rekey("g", { clientID: "c3", clientGroupID: "g3" });
    expect((await disk.book()).meta).toMatchObject({ clientID: "c2", clientGroupID: "g2" });
  });

  it("waits for the platter before it says that an edit is safe", async () => {
    const asked = vi.spyOn(IDBDatabase.prototype, "transaction");
    const disk = new IdbDisk("u");
    await disk.open(keys);
    await disk.append(draft("a"));
    expect(asked).toHaveBeenLastCalledWith(["meta", "outbox"], "readwrite", { durability: "strict" });
  });

  it("lends the lead to one tab at a time", async () => {
    const disk = new IdbDisk("u");
    await disk.open(keys);
    expect(await disk.lease("one", 0, 15)).toBe(true);
    expect(await disk.lease("two", 10, 15)).toBe(false);
    expect(await disk.lease("one", 10, 15)).toBe(true);
    expect(await disk.lease("two", 25, 15)).toBe(true);
    // The device's clock was set back by a year.
    expect(await disk.lease("one", -1_000_000, 15)).toBe(true);
  });
});
