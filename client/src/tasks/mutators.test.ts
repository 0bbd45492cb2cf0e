import { describe, expect, it } from "vitest";
import type { Box, BoxCreate, Person } from "../gen/api";
import type { ArgsOf, CommandName, Kind, Kinds, View } from "../sync/types";
import { mutators } from "./mutators";
import { box, person } from "./testkit";

function world(
  boxes: Box[],
  people: Person[] = [person("me"), person("li"), person("boss", { role: "supervisor" })],
): View {
  const rows = new Map<string, unknown>();
  for (const row of boxes) rows.set(`box/${row.id}`, row);
  for (const row of people) rows.set(`person/${row.id}`, row);
  return {
    get: (kind, id) => rows.get(`${kind}/${id}`) as never,
    put: (kind, row) => void rows.set(`${kind}/${row.id}`, row),
    del: (kind, id) => void rows.delete(`${kind}/${id}`),
    all: <K extends Kind>(kind: K) =>
      [...rows].filter(([key]) => key.startsWith(`${kind}/`)).map(([, row]) => row as Kinds[K]),
  };
}

function play<N extends CommandName>(view: View, name: N, args: ArgsOf<N>, user_id = "me"): Box {
  mutators[name]!(view, args, { user_id, now: 1_000 });
  return view.get("box", "b")!;
}

describe("box commands shown at once", () => {
  it("stamps the claimed time, and the command's own time for old commands without one", () => {
    expect(play(world([box()]), "box.start", { id: "b", at: 7 }).started_at).toBe(7);
    expect(play(world([box()]), "box.start", { id: "b" }).started_at).toBe(1_000);
  });

  it("goes through a working day", () => {
    const view = world([box({ due_at: 50, checklist: [{ text: { zh: "同步", en: "sync" }, done: false }] })]);
    play(view, "box.start", { id: "b", at: 10 });
    play(view, "box.check", { id: "b", index: 0, done: true });
    play(view, "box.note", { id: "b", note_id: "n", text: "缺货两单", at: 20 });
    const done = play(view, "box.finish", { id: "b", at: 60 });
    expect(done).toMatchObject({
      state: "done",
      late: true,
      started_at: 10,
      started_by: "me",
      finished_by: "me",
    });
    expect(done.checklist[0]!.done).toBe(true);
    expect(done.notes).toHaveLength(1);
    expect(play(view, "box.reopen", { id: "b" })).toMatchObject({
      state: "todo",
      late: false,
      started_at: null,
    });
  });

  it("does nothing where the server would refuse, and nothing without the row", () => {
    const theirs = world([box({ assignee_id: "li" })]);
    const before = theirs.get("box", "b");
    for (const [name, args] of [
      ["box.start", { id: "b" }],
      ["box.finish", { id: "b" }],
      ["box.skip", { id: "b", reason: "x" }],
      ["box.hand", { id: "b", to: "me" }],
      ["box.take", { id: "b" }],
      ["box.assign", { id: "b", to: "me" }],
      ["box.quadrant", { id: "b", quadrant: "Q4" }],
      ["box.edit", { id: "b", title: { zh: "x", en: "x" } }],
      ["box.start", { id: "gone" }],
    ] as const) {
      expect(play(theirs, name, args as never)).toBe(before);
    }
  });

  it("replaces rows and never changes them in place", () => {
    const row = Object.freeze(
      box({ former_ids: Object.freeze([]) as never, notes: Object.freeze([]) as never }),
    );
    const view = world([row]);
    play(view, "box.note", { id: "b", note_id: "n", text: "x" });
    expect(play(view, "box.hand", { id: "b", to: "li" }).assignee_id).toBe("li");
    expect(row.assignee_id).toBe("me");
  });

  it("takes from the pool and hands on", () => {
    const view = world([box({ assignee_id: null })]);
    expect(play(view, "box.take", { id: "b" }).assignee_id).toBe("me");
    expect(play(view, "box.hand", { id: "b", to: "li" })).toMatchObject({
      assignee_id: "li",
      former_ids: ["me"],
    });
    expect(play(view, "box.take", { id: "b" }).assignee_id).toBe("li");
  });

  it("lets supervisors plan by hand", () => {
    const view = world([box({ start_at: 10, end_at: 20, due_at: 20 })]);
    expect(play(view, "box.assign", { id: "b", to: null }, "boss").assignee_id).toBeNull();
    expect(play(view, "box.assign", { id: "b", to: "li" }, "boss").assignee_id).toBe("li");
    expect(play(view, "box.quadrant", { id: "b", quadrant: "Q3" }, "boss").quadrant).toBe("Q3");
    const renamed = play(view, "box.edit", { id: "b", title: { zh: " 新 ", en: "new" } }, "boss");
    expect(renamed).toMatchObject({ title: { zh: "新", en: "new" }, start_at: 10, end_at: 20, due_at: 20 });
    const window = { kind: "timebox", start_at: 12, end_at: 18, due_at: null } as const;
    expect(play(view, "box.edit", { id: "b", times: window }, "boss")).toMatchObject({
      ...window,
      due_at: 18,
    });
    const free = { kind: "anytime", start_at: null, end_at: null, due_at: null } as const;
    const edited = play(view, "box.edit", { id: "b", times: free }, "boss");
    expect(edited).toMatchObject(free);
    expect(play(view, "box.edit", { id: "b", times: { ...window, start_at: 30 } }, "boss")).toBe(edited);
    expect(play(view, "box.edit", { id: "b", title: { zh: " ", en: "x" } }, "boss")).toBe(edited);
  });
});

describe("adding a task", () => {
  const draft = (more: Partial<BoxCreate> = {}): BoxCreate => ({
    id: "b",
    day: "2025-11-21",
    title: " 催发货 ",
    quadrant: "Q2",
    kind: "timebox",
    start_at: 100,
    end_at: 200,
    due_at: null,
    assignee_id: "me",
    ...more,
  });

  it("makes an own one that is due at the end of its window and stays until it is done", () => {
    expect(play(world([]), "box.create", draft())).toMatchObject({
      team_id: "t",
      origin: "own",
      title: { zh: "催发货", en: "催发货" },
      due_at: 200,
      state: "todo",
      catch_up: "carry",
      created_by: "me",
    });
  });

  it.each([
    ["an agent for a colleague", draft({ assignee_id: "li" }), "me", false],
    ["an agent for the pool", draft({ assignee_id: null }), "me", false],
    ["a supervisor for a colleague", draft({ assignee_id: "li" }), "boss", true],
    ["a supervisor for the pool", draft({ assignee_id: null }), "boss", true],
    ["for somebody unknown", draft({ assignee_id: "nobody" }), "boss", false],
    ["without a title", draft({ title: " " }), "me", false],
    ["a window without an end", draft({ end_at: null }), "me", false],
    ["a window that ends before it starts", draft({ end_at: 50 }), "me", false],
    ["a deadline without a time", draft({ kind: "deadline", start_at: null, end_at: null }), "me", false],
    ["a deadline", draft({ kind: "deadline", start_at: null, end_at: null, due_at: 9 }), "me", true],
    ["for any time", draft({ kind: "anytime", start_at: null, end_at: null }), "me", true],
  ] as [string, BoxCreate, string, boolean][])("%s", (_name, args, who, ok) => {
    expect(play(world([]), "box.create", args, who) !== undefined).toBe(ok);
  });

  it("leaves a box with the same id alone", () => {
    const row = box({ state: "done" });
    expect(play(world([row]), "box.create", draft())).toBe(row);
  });
});
