import { describe, expect, it } from "vitest";
import type { Box, Reject, Shop } from "../gen/api";
import { Rows } from "./rows";
import type { Mutation, Mutators } from "./types";

const box = (id: string, state = "todo"): Box => ({ id, state }) as Box;

const mutators: Mutators = {
  "box.start"(view, args) {
    const row = view.get("box", args.id);
    if (row) view.put("box", { ...row, state: "doing" });
  },
  "box.take"(view, args) {
    view.del("box", args.id);
    view.put("box", box("half"));
    throw new Error("half-way");
  },
  "box.finish"(view, args) {
    const row = view.get("box", args.id)!;
    row.state = "done";
    view.put("box", row);
  },
  "box.assign": (view, args) => view.del("box", args.id),
  "box.skip": (view, args, ctx) =>
    view.put("box", { ...box(args.id), skip_reason: `${ctx.user_id}@${ctx.now}` }),
};

const mutation = (name: string, id: string): Mutation => ({
  clientID: "c",
  id: 1,
  uid: "u",
  name,
  args: { id },
  timestamp: 42,
  schema: "1",
});

function rows(...base: Box[]): Rows {
  const made = new Rows(mutators, "me");
  for (const row of base) made.setBase(`box/${row.id}`, row);
  made.takeDirty();
  return made;
}

describe("rows", () => {
  it("shows edits over the snapshot and the bare snapshot when they are gone", () => {
    const view = rows(box("a"), box("b"));
    view.replay([mutation("box.start", "a"), mutation("box.assign", "b"), mutation("box.skip", "c")]);
    expect(view.all("box").map((row) => [row.id, row.state])).toEqual([
      ["a", "doing"],
      ["c", "todo"],
    ]);
    expect(view.get("box", "b")).toBeUndefined();
    expect(view.get("box", "c")?.skip_reason).toBe("me@42");
    expect(view.check.n).toBe(2);
    view.replay([]);
    expect(view.all("box")).toEqual([box("a"), box("b")]);
  });

  it("leaves no trace of a mutator that throws, and plays the next", () => {
    const view = rows(box("a"));
    view.replay([mutation("box.start", "a"), mutation("box.take", "a"), mutation("unheard.of", "a")]);
    expect(view.all("box")).toEqual([box("a", "doing")]);
  });

  it("does not show a row changed in place", () => {
    const view = rows(box("a"));
    let calls = 0;
    const spy = new Rows(
      { "box.finish": (v, args) => (calls++, v.put("box", v.get("box", args.id)!)) },
      "me",
    );
    spy.setBase("box/a", box("a"));
    spy.replay([mutation("box.finish", "a")]);
    expect(calls).toBe(1);
    expect(spy.get("box", "a")).toEqual(box("a"));
    view.play(mutation("box.finish", "missing"));
    expect(view.get("box", "missing")).toBeUndefined();
  });

  it("tells which kinds changed, once", () => {
    const view = rows(box("a"));
    view.play(mutation("box.start", "a"));
    expect([...view.takeDirty()]).toEqual(["box"]);
    expect([...view.takeDirty()]).toEqual([]);
    view.setBase("shop/s", { id: "s" } as Shop);
    view.delBase("box/none");
    expect([...view.takeDirty()]).toEqual(["shop"]);
    view.clearBase();
    expect([...view.takeDirty()].sort()).toEqual(["box", "shop"]);
  });

  it("gives lists that may be sorted in place", () => {
    const view = rows(box("b"), box("a"));
    view.all("box").sort((x, y) => x.id.localeCompare(y.id));
    expect(view.all("box").map((row) => row.id)).toEqual(["b", "a"]);
  });

  it("shows rejections of this device beside those of the server", () => {
    const view = rows();
    view.setBase("reject/r", { id: "r" } as Reject);
    view.replay([], [{ id: "local" } as Reject]);
    expect(view.all("reject").map((row) => row.id)).toEqual(["r", "local"]);
    expect([...view.entries()].map(([key]) => key)).toEqual(["reject/r"]);
  });
});
