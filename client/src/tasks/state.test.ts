import { describe, expect, it } from "vitest";
import type { Box, BoxState, Kind, RefusalCode } from "../gen/api";
import * as state from "./state";
import { standingOf, steps, type Outcome, type Standing } from "./state";
import { box, person } from "./testkit";

const AT = 1_000;
const STATES: BoxState[] = ["todo", "doing", "done", "skipped", "missed"];

/** What became of it: the new state, "same" for no change, or why not. */
const said = (outcome: Outcome, before: Box): string =>
  state.isRefused(outcome) ? outcome : outcome === before ? "same" : outcome.state;

describe("the state machine of a box", () => {
  type Step = (box: Box, who: Standing) => Outcome;
  const start: Step = (b, who) => state.start(b, who, "me", AT);
  const finish: Step = (b, who) => state.finish(b, who, "me", AT);
  const skip: Step = (b, who) => state.skip(b, who, "me", "缺货", AT);
  const table: [string, Step, string[]][] = [
    ["start", start, ["doing", "same", "wrong_state", "wrong_state", "wrong_state"]],
    ["finish", finish, ["done", "done", "same", "done", "done"]],
    ["reopen", state.reopen, ["same", "todo", "todo", "todo", "wrong_state"]],
    ["skip", skip, ["skipped", "skipped", "wrong_state", "skipped", "wrong_state"]],
  ];
  it.each(table)("%s from each state", (_name, step, expected) => {
    const got = STATES.map((from) => {
      const before = box({ state: from, skip_reason: from === "skipped" ? "没时间" : null });
      return said(step(before, "assignee"), before);
    });
    expect(got).toEqual(expected);
  });

  it.each(["start", "reopen", "skip"] as const)("%s is for holder and overseer only", (name) => {
    const step = { start, reopen: state.reopen, skip }[name];
    const before = box({ state: name === "reopen" ? "doing" : "todo" });
    const refused = (["overseer", "assignee", "former", "pool", "stranger"] as Standing[]).map((who) => {
      const outcome = step(before, who);
      return state.isRefused(outcome) ? outcome : "ok";
    });
    expect(refused).toEqual(["ok", "ok", "taken_over", "forbidden", "forbidden"]);
  });

  it("is stable when played twice", () => {
    for (const step of [start, finish, skip, state.reopen]) {
      const once = step(box({ state: "doing" }), "assignee") as Box;
      expect(step(once, "assignee")).toBe(once);
    }
  });

  it.each([
    ["todo", null, "done"],
    ["doing", "me", "done"],
    ["doing", "new", "taken_over"],
    ["skipped", null, "taken_over"],
    ["missed", null, "done"],
  ] as [BoxState, string | null, string][])(
    "a former assignee finishes a %s box started by %s: %s",
    (from, by, want) => {
      const before = box({ state: from, assignee_id: "new", former_ids: ["me"], started_by: by });
      expect(said(state.finish(before, "former", "me", AT), before)).toBe(want);
    },
  );

  it("takes a report of a former assignee twice, but not over somebody else's", () => {
    const mine = box({ state: "done", finished_by: "me" });
    expect(state.finish(mine, "former", "me", AT)).toBe(mine);
    expect(state.finish(box({ state: "done", finished_by: "new" }), "former", "me", AT)).toBe("taken_over");
  });

  it.each([
    [null, false],
    [AT - 1, true],
    [AT, false],
    [AT + 1, false],
  ])("finished at 1000 with due %s is late: %s", (due_at, late) => {
    expect(state.finish(box({ due_at }), "assignee", "me", AT)).toMatchObject({
      late,
      finished_at: AT,
      started_at: AT,
    });
  });

  it("forgets start, finish and reason when opened again", () => {
    const done = state.finish(
      box({ state: "skipped", skip_reason: "x", due_at: 1 }),
      "assignee",
      "me",
      AT,
    ) as Box;
    expect(done.skip_reason).toBeNull();
    expect(state.reopen(done, "assignee")).toEqual(box({ due_at: 1 }));
  });

  it.each([
    ["", "reason_required"],
    ["  ", "reason_required"],
    ["字".repeat(201), "too_long"],
    ["字".repeat(200), "skipped"],
    ["😀".repeat(200), "skipped"],
  ])("a reason of %s", (reason, want) => {
    const before = box();
    expect(said(state.skip(before, "assignee", "me", reason, AT), before)).toBe(want);
  });
});

describe("standing", () => {
  const mine = box();
  const pooled = box({ assignee_id: null, former_ids: ["old"] });
  it.each([
    [person("me"), "me", mine, "assignee"],
    [person("x"), "x", mine, "stranger"],
    [person("x"), "x", pooled, "pool"],
    [person("x", { team_id: "other" }), "x", pooled, "stranger"],
    [person("old"), "old", pooled, "former"],
    [person("s", { role: "supervisor" }), "s", mine, "overseer"],
    [person("s", { role: "supervisor", team_id: "other" }), "s", mine, "stranger"],
    [person("o", { role: "owner", team_id: "other" }), "o", mine, "overseer"],
    [undefined, "me", mine, "assignee"],
    [undefined, "x", pooled, "stranger"],
  ] as const)("case %#", (who, id, row, want) => {
    expect(standingOf(who, id, row)).toBe(want);
  });
});

describe("checklist and notes", () => {
  const list = box({ checklist: [{ text: { zh: "一", en: "one" }, done: false }] });
  it("ticks one line, without touching the row it got", () => {
    const after = state.check(list, "former", 0, true) as Box;
    expect(after.checklist[0]!.done).toBe(true);
    expect(list.checklist[0]!.done).toBe(false);
    expect(state.check(after, "assignee", 0, true)).toBe(after);
  });
  it.each([
    ["assignee", 1, "bad_value"],
    ["assignee", -1, "bad_value"],
    ["pool", 0, "forbidden"],
    ["stranger", 0, "forbidden"],
  ] as [Standing, number, RefusalCode][])("refuses %s line %s", (who, index, want) => {
    expect(state.check(list, who, index, true)).toBe(want);
  });
  it("adds a note once", () => {
    const once = state.note(box(), "pool", "me", "n", " 已问仓库 ", AT) as Box;
    expect(once.notes).toEqual([{ id: "n", author_id: "me", text: "已问仓库", at: AT }]);
    expect(state.note(once, "pool", "me", "n", "已问仓库", AT)).toBe(once);
    expect(state.note(box(), "stranger", "me", "n", "x", AT)).toBe("forbidden");
    expect(state.note(box(), "assignee", "me", "n", " ", AT)).toBe("bad_value");
    expect(state.note(box(), "assignee", "me", "n", "字".repeat(2001), AT)).toBe("too_long");
  });
});

describe("giving away and taking", () => {
  it("starts anew with the next person and remembers who had it", () => {
    const doing = box({ state: "doing", started_at: 5, started_by: "me", former_ids: ["li", "old"] });
    expect(state.hand(doing, "assignee", person("li"))).toEqual(
      box({ assignee_id: "li", former_ids: ["old", "me"] }),
    );
  });
  it.each([
    [box(), "assignee", person("li"), "todo"],
    [box(), "assignee", person("me"), "same"],
    [box(), "assignee", person("li", { active: false }), "not_in_team"],
    [box(), "assignee", person("li", { team_id: "x" }), "not_in_team"],
    [box(), "assignee", undefined, "not_in_team"],
    [box(), "former", person("li"), "taken_over"],
    [box(), "pool", person("li"), "forbidden"],
    [box({ state: "done" }), "assignee", person("li"), "wrong_state"],
  ] as const)("hand, case %#", (before, who, to, want) => {
    expect(said(state.hand(before, who, to), before)).toBe(want);
  });
  const free = box({ assignee_id: null });
  it.each([
    [free, "pool", "todo"],
    [free, "overseer", "todo"],
    [free, "former", "todo"],
    [box({ assignee_id: "li" }), "former", "taken_over"],
    [free, "stranger", "forbidden"],
    [box({ assignee_id: "li" }), "stranger", "taken_over"],
    [box(), "assignee", "same"],
    [box({ assignee_id: null, state: "missed" }), "pool", "wrong_state"],
  ] as const)("take, case %#", (before, who, want) => {
    expect(said(state.take(before, who, person("me")), before)).toBe(want);
  });
  it.each([
    ["overseer", null, "todo"],
    ["overseer", person("li"), "todo"],
    ["overseer", person("li", { team_id: "x" }), "not_in_team"],
    ["assignee", person("li"), "forbidden"],
  ] as const)("assign, case %#", (who, to, want) => {
    const before = box();
    expect(said(state.assign(before, who, to), before)).toBe(want);
  });
});

describe("steps on offer", () => {
  it("offers only what the state machine takes", () => {
    const who: Standing[] = ["overseer", "assignee", "former", "pool"];
    for (const one of who) {
      for (const from of STATES) {
        const assignee_id = one === "pool" ? null : one === "former" ? "li" : "me";
        const before = box({
          state: from,
          assignee_id,
          checklist: [{ text: { zh: "", en: "" }, done: false }],
        });
        for (const step of steps(before, one)) {
          const outcome = {
            start: () => state.start(before, one, "me", AT),
            finish: () => state.finish(before, one, "me", AT),
            skip: () => state.skip(before, one, "me", "x", AT),
            reopen: () => state.reopen(before, one),
            hand: () => state.hand(before, one, person("li")),
            take: () => state.take(before, one, person("me")),
            check: () => state.check(before, one, 0, true),
            note: () => state.note(before, one, "me", "n", "x", AT),
          }[step]();
          expect([one, from, step, state.isRefused(outcome)]).toEqual([one, from, step, false]);
          expect(outcome).not.toBe(before);
        }
      }
    }
    expect(steps(box(), "stranger")).toEqual([]);
    for (const one of ["overseer", "former", "pool"] as const) {
      expect(steps(box({ assignee_id: null }), one)).toContain("take");
      expect(steps(box({ assignee_id: "li" }), one)).not.toContain("take");
    }
  });
});

describe("times of a box", () => {
  it.each([
    ["anytime", null, null, null, null],
    ["anytime", 1, null, 5, null],
    ["timebox", 1, 2, null, null],
    ["timebox", 2, 1, null, "bad_time"],
    ["timebox", 1, 1, null, "bad_time"],
    ["timebox", null, 2, null, "bad_time"],
    ["timebox", 1, null, null, "bad_value"],
    ["timebox", -1, 2, null, "bad_time"],
    ["timebox", 1, 2, 5_000_000_000_000, "bad_time"],
    ["deadline", null, null, 5, null],
    ["deadline", null, null, null, "bad_value"],
  ] as [Kind, number | null, number | null, number | null, string | null][])(
    "%s %s–%s due %s: %s",
    (kind, start_at, end_at, due_at, want) => {
      expect(state.timesRefusal({ kind, start_at, end_at, due_at })).toBe(want);
    },
  );
});
