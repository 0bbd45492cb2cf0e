import { describe, expect, it } from "vitest";
import type { Assignment, Person, ShiftType } from "../gen/api";
import { copyWeek } from "./copyweek";
import {
  applied,
  byCell,
  chunks,
  coverage,
  hours,
  inverse,
  isGap,
  isNight,
  materialise,
  overlap,
  plan,
  span,
  totals,
  typeOfKey,
} from "./rules";

const ZONE = "Asia/Shanghai";
const type = (
  id: string,
  letter: string,
  start: string,
  length_min: number,
  skill_code = "presale",
): ShiftType => ({
  id,
  letter,
  name: { zh: letter, en: letter },
  start,
  length_min,
  arrive_early_min: 10,
  skill_code,
  hue: 0,
  archived: false,
});
const day = type("t-day", "早", "08:30", 540);
const eve = type("t-eve", "W", "17:30", 360, "night");
const late = type("t-late", "Y", "22:00", 600);
const types = [day, eve, late];
const person = (id: string, active = true): Person => ({
  id,
  name: id,
  role: "agent",
  team_id: "team",
  skill_ids: [],
  active,
});
const people = [person("li"), person("wang")];
const find = {
  person: (id: string) => people.find((one) => one.id === id),
  type: (id: string) => types.find((one) => one.id === id),
};
const row = (id: string, who: string, on: string, of: ShiftType, shop_id: string | null = null): Assignment =>
  materialise(
    { id, person_id: who, day: on, shift_type_id: of.id, shop_id, seat_id: null },
    of,
    person(who),
    ZONE,
  );
const wish = (of: ShiftType) => ({ shift_type_id: of.id, shop_id: null, seat_id: null });
const ids = () => {
  let n = 0;
  return () => `new${++n}`;
};

describe("a cell becomes a row", () => {
  it("copies the shift type and computes the instants in the zone", () => {
    expect(row("a", "li", "2025-11-17", eve)).toMatchObject({
      team_id: "team",
      letter: "W",
      start: "17:30",
      zone: ZONE,
      starts_at: Date.UTC(2025, 10, 17, 9, 30),
      ends_at: Date.UTC(2025, 10, 17, 15, 30),
    });
  });

  it("keeps the length when the clock changes in the night", () => {
    const cell = {
      id: "a",
      person_id: "li",
      day: "2026-03-28",
      shift_type_id: late.id,
      shop_id: null,
      seat_id: null,
    };
    const made = materialise(cell, late, person("li"), "Europe/Berlin");
    expect(made.ends_at - made.starts_at).toBe(600 * 60_000);
  });
});

describe("overlap", () => {
  it.each([
    [
      "touching shifts do not overlap",
      [row("a", "li", "2025-11-17", day), row("b", "li", "2025-11-17", eve)],
      null,
    ],
    [
      "a night runs into the next morning",
      [row("a", "li", "2025-11-17", late), row("b", "li", "2025-11-18", type("x", "E", "07:00", 60))],
      ["a", "b"],
    ],
    [
      "other people do not matter",
      [row("a", "li", "2025-11-17", day), row("b", "wang", "2025-11-17", day)],
      null,
    ],
    [
      "the same shift twice",
      [row("a", "li", "2025-11-17", day), row("b", "li", "2025-11-17", day)],
      ["a", "b"],
    ],
  ])("%s", (_, rows, want) => {
    expect(overlap(rows)?.map((one) => one.id) ?? null).toEqual(want);
  });

  it("remembers the longest shift, not only the last one", () => {
    const long = type("l", "L", "08:00", 900);
    const rows = [
      row("a", "li", "2025-11-17", long),
      row("b", "li", "2025-11-17", type("s", "S", "09:00", 60)),
      row("c", "li", "2025-11-17", eve),
    ];
    expect(overlap([rows[0]!, rows[2]!])).not.toBeNull();
    expect(overlap(rows)).not.toBeNull();
  });
});

describe("planning a cell", () => {
  const cell = (now: Assignment[], wishes: ReturnType<typeof wish>[]) => ({
    person_id: "li",
    day: "2025-11-17",
    now,
    wishes,
  });
  it("writes a new row into an empty cell", () => {
    expect(plan([cell([], [wish(day)])], ids())).toEqual({
      put: [{ id: "new1", person_id: "li", day: "2025-11-17", ...wish(day) }],
      remove: [],
    });
  });
  it("changes the row that is there and keeps its id", () => {
    expect(plan([cell([row("a", "li", "2025-11-17", day)], [wish(eve)])], ids()).put[0]).toMatchObject({
      id: "a",
      shift_type_id: eve.id,
    });
  });
  it("does nothing when the cell already says so", () => {
    expect(plan([cell([row("a", "li", "2025-11-17", day)], [wish(day)])], ids())).toEqual({
      put: [],
      remove: [],
    });
  });
  it("clears, and drops the second half of a split day", () => {
    const split = [row("a", "li", "2025-11-17", day), row("b", "li", "2025-11-17", eve)];
    expect(plan([cell(split, [])], ids()).remove).toEqual(["a", "b"]);
    expect(plan([cell(split, [wish(eve)])], ids())).toEqual({ put: [], remove: ["a"] });
  });
  it("is taken back exactly by its inverse", () => {
    const before = [row("a", "li", "2025-11-17", day, "shop"), row("b", "wang", "2025-11-17", eve)];
    const done = plan(
      [
        cell([before[0]!], [wish(eve)]),
        { person_id: "wang", day: "2025-11-17", now: [before[1]!], wishes: [] },
        { person_id: "li", day: "2025-11-19", now: [], wishes: [wish(late)] },
      ],
      ids(),
    );
    const after = applied(before, done, find, ZONE)!;
    const back = applied(after, inverse(done, before), find, ZONE)!;
    expect(back.sort((x, y) => (x.id < y.id ? -1 : 1))).toEqual(before);
  });
  it("refuses a plan with an unknown shift type whole", () => {
    const cells = [cell([], [{ ...wish(day), shift_type_id: "nothing" }])];
    expect(applied([], plan(cells, ids()), find, ZONE)).toBeNull();
  });
});

describe("chunks", () => {
  it("never splits a person and never passes the limit", () => {
    const put = ["a", "b", "c"].flatMap((who) =>
      Array.from({ length: 7 }, (_, i) => ({
        id: `${who}${i}`,
        person_id: who,
        day: `2025-11-${17 + i}`,
        ...wish(day),
      })),
    );
    const parts = chunks({ put, remove: ["x"] }, () => "a", 15);
    expect(parts.map((part) => part.put.length + part.remove.length)).toEqual([15, 7]);
    expect(parts[0]!.remove).toEqual(["x"]);
  });
});

describe("sums", () => {
  it.each([
    [day, false],
    [eve, true],
    [late, true],
    [type("m", "M", "16:00", 480), false],
    [type("e", "E", "00:30", 420), true],
  ])("night: %o", (of, want) => {
    expect(isNight(of)).toBe(want);
  });
  it("writes the span with the days it passes", () => {
    expect([span(day), span(late)]).toEqual(["08:30–17:30", "22:00–08:00 +1"]);
  });
  it("adds up a week", () => {
    expect(totals([row("a", "li", "2025-11-17", day), row("b", "li", "2025-11-18", late)])).toEqual({
      minutes: 1140,
      nights: 1,
      shifts: 2,
    });
    expect([hours(540), hours(450), hours(0)]).toEqual(["9", "7.5", "0"]);
  });
  it("counts people per shift and day, and marks a hole", () => {
    const days = ["2025-11-17", "2025-11-18"];
    const lines = coverage(
      [row("a", "li", days[0]!, day), row("b", "wang", days[0]!, day), row("c", "li", days[1]!, eve)],
      days,
      types,
    );
    expect(lines.map((line) => [line.letter, ...line.counts])).toEqual([
      ["早", 2, 0],
      ["W", 0, 1],
      ["Y", 0, 0],
    ]);
    expect(lines.map((line) => [isGap(line, 0), isGap(line, 1)])).toEqual([
      [false, true],
      [true, false],
      [false, false],
    ]);
  });
  it("still counts a shift type that was archived since", () => {
    const lines = coverage([row("a", "li", "2025-11-17", day)], ["2025-11-17"], [{ ...day, archived: true }]);
    expect(lines).toHaveLength(1);
  });
  it("groups a cell in order of start", () => {
    const cells = byCell([row("b", "li", "2025-11-17", eve), row("a", "li", "2025-11-17", day)]);
    expect(cells.get("li|2025-11-17")?.map((one) => one.id)).toEqual(["a", "b"]);
  });
  it("finds the shift type of a typed key", () => {
    expect(typeOfKey("w", types)?.id).toBe(eve.id);
    expect(typeOfKey("早", types)?.id).toBe(day.id);
    expect(typeOfKey("w", [{ ...eve, archived: true }])).toBeUndefined();
  });
});

describe("copying last week", () => {
  const world = { people, types, zone: ZONE };
  const mon = "2025-11-10";
  const target = "2025-11-17";
  it("copies into empty cells and says what is already there", () => {
    const from = [row("a", "li", mon, day, "shop"), row("b", "wang", mon, day)];
    const got = copyWeek(from, [...from, row("c", "wang", target, day)], world, false, ids());
    expect(got.plan.put).toEqual([
      {
        id: expect.any(String),
        person_id: "li",
        day: target,
        shift_type_id: day.id,
        shop_id: "shop",
        seat_id: null,
      },
    ]);
    expect([got.copied.length, got.unchanged, got.conflicts.length]).toEqual([1, 1, 0]);
  });
  it("lists a full cell as a conflict and writes over it only when asked", () => {
    const from = [row("a", "li", mon, day)];
    const rows = [...from, row("c", "li", target, eve)];
    const keep = copyWeek(from, rows, world, false, ids());
    expect([keep.plan.put.length, keep.conflicts[0]?.against[0]?.id]).toEqual([0, "c"]);
    const replace = copyWeek(from, rows, world, true, ids());
    expect(replace.plan.put).toMatchObject([{ id: "c", shift_type_id: day.id }]);
  });
  it("leaves a cell alone whose copy would overlap the night before", () => {
    const early = type("t-early", "E", "06:00", 120);
    const wide = { ...world, types: [...types, early] };
    const from = [row("a", "li", mon, early)];
    const rows = [...from, row("n", "li", "2025-11-16", late)];
    const got = copyWeek(from, rows, wide, true, ids());
    expect(got.plan.put).toEqual([]);
    expect(got.conflicts).toMatchObject([{ day: target, against: [{ id: "n" }] }]);
  });
  it("drops people who left and shifts that are archived", () => {
    const from = [row("a", "gone", mon, day), row("b", "li", mon, { ...late, archived: true })];
    const got = copyWeek(from, from, { ...world, types: [day, { ...late, archived: true }] }, false, ids());
    expect(got.dropped.map((one) => one.reason)).toEqual(["left", "archived"]);
    expect(got.copied).toEqual([]);
  });
});
