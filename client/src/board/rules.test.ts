import { describe, expect, it } from "vitest";
import type { Assignment, Box, Person } from "../gen/api";
import { at } from "../core/time";
import * as kit from "../tasks/testkit";
import {
  byPerson,
  dayLine,
  fit,
  hoursOf,
  inOrder,
  lanes,
  onNow,
  percent,
  placed,
  progress,
  standing,
} from "./rules";

const ZONE = "Asia/Shanghai";
const DAY = "2025-11-21";
const clock = (hm: string, day = DAY): number => at(day, hm, ZONE);
const box = (id: string, change: Partial<Box> = {}): Box =>
  kit.box({ id, title: { zh: id, en: id }, assignee_id: null, ...change });
const slot = (id: string, from: string, to: string, change: Partial<Box> = {}): Box =>
  box(id, { start_at: clock(from), end_at: clock(to), due_at: clock(to), ...change });
const person = (id: string, skill_ids: string[] = []): Person => ({
  id,
  name: id,
  role: "agent",
  team_id: "t",
  skill_ids,
  active: true,
});
const shift = (person_id: string, from: string, to: number): Assignment =>
  ({ id: person_id + from, person_id, day: DAY, starts_at: clock(from), ends_at: to }) as Assignment;

describe("how a box stands at 10:00", () => {
  const now = clock("10:00");
  it.each([
    ["todo", slot("a", "11:00", "12:00")],
    ["now", slot("a", "09:30", "10:30")],
    ["doing", slot("a", "09:30", "10:30", { state: "doing" })],
    ["overdue", slot("a", "08:30", "09:30")],
    ["overdue", slot("a", "08:30", "09:30", { state: "doing" })],
    ["done", slot("a", "08:30", "09:30", { state: "done" })],
    ["late", slot("a", "08:30", "09:30", { state: "done", late: true })],
    ["skipped", slot("a", "08:30", "09:30", { state: "skipped" })],
    ["missed", slot("a", "08:30", "09:30", { state: "missed" })],
    ["todo", box("a", { kind: "deadline", due_at: clock("10:00") })],
    ["todo", box("a", { kind: "anytime" })],
  ])("%s", (want, one) => expect(standing(one, now)).toBe(want));
});

it("orders by urgency, then by time, and leaves the untimed for last", () => {
  const list = [
    box("untimed"),
    slot("later", "14:00", "15:00"),
    slot("done", "08:00", "09:00", { state: "done" }),
    slot("overdue", "08:00", "09:00"),
    slot("doing", "09:30", "10:30", { state: "doing" }),
    box("due", { kind: "deadline", due_at: clock("11:00") }),
  ];
  expect(inOrder(list, clock("10:00")).map((one) => one.id)).toEqual([
    "overdue",
    "doing",
    "due",
    "later",
    "untimed",
    "done",
  ]);
});

it("counts the progress of a day", () => {
  const list = [
    slot("a", "08:00", "09:00"),
    slot("b", "08:00", "09:00", { state: "done" }),
    box("c", { state: "doing", assignee_id: "li" }),
  ];
  expect(progress(list, clock("10:00"))).toEqual({ total: 3, done: 1, doing: 1, overdue: 1, unassigned: 1 });
});

it("knows who is on now, an end being exclusive", () => {
  const shifts = [shift("li", "08:30", clock("10:00")), shift("wang", "09:00", clock("18:00"))];
  expect(onNow(shifts, clock("10:00")).map((one) => one.person_id)).toEqual(["wang"]);
});

describe("rows by person", () => {
  const people = [person("li"), person("wang"), person("zhao")];
  const shifts = [shift("wang", "08:30", clock("17:30")), shift("li", "17:30", clock("23:30"))];
  it("puts the unassigned first, then by start of shift, then people without one", () => {
    const rows = byPerson(people, shifts, [box("a", { assignee_id: "zhao" }), box("b")]);
    expect(rows.map((row) => row.person?.id ?? null)).toEqual([null, "wang", "li", "zhao"]);
    expect(rows[0]!.boxes.map((one) => one.id)).toEqual(["b"]);
  });
  it("shows the box of somebody unknown as unassigned rather than not at all", () => {
    expect(byPerson(people, [], [box("a", { assignee_id: "gone" })])[0]!.boxes).toHaveLength(1);
  });
});

describe("the line of a day", () => {
  it("covers office hours when nothing is planned, in whole hours", () => {
    const line = dayLine(DAY, ZONE, [], []);
    expect([line.from, line.to]).toEqual([clock("09:00"), clock("18:00")]);
    expect(hoursOf(line)).toHaveLength(9);
    expect(percent(clock("13:30"), line)).toBe(50);
  });
  it("reaches into the next day for a night shift but not back to a carried box's day", () => {
    const line = dayLine(
      DAY,
      ZONE,
      [shift("li", "22:00", clock("06:30", "2025-11-22"))],
      [
        slot("a", "08:30", "09:15"),
        box("c", { start_at: clock("08:00", "2025-11-20"), end_at: clock("09:00", "2025-11-20") }),
      ],
    );
    expect([line.from, line.to]).toEqual([clock("08:00"), clock("07:00", "2025-11-22")]);
  });
  it("places a box by its kind", () => {
    expect(placed(slot("a", "09:00", "10:00"))).toEqual({ from: clock("09:00"), to: clock("10:00") });
    const due = box("a", { kind: "deadline", due_at: clock("16:00") });
    expect(placed(due)).toEqual({ from: clock("16:00"), to: clock("16:00") });
    expect(placed(box("a", { kind: "anytime", due_at: clock("17:30") }))).toBeNull();
    expect(placed(slot("a", "08:30", "17:30", { kind: "standing" }))).toBeNull();
  });
  it("lays blocks that would cover each other under each other and reuses a free lane", () => {
    const line = dayLine(DAY, ZONE, [], []);
    const list = [
      slot("a", "09:00", "10:30"),
      slot("b", "10:00", "11:00"),
      slot("c", "10:30", "11:30"),
      box("d", { kind: "anytime" }),
    ];
    const got = lanes(list, line);
    expect(got.laid.map(({ box, lane }) => [box.id, lane])).toEqual([
      ["a", 0],
      ["b", 1],
      ["c", 0],
    ]);
    expect([got.lanes, got.untimed.map((one) => one.id)]).toEqual([2, ["d"]]);
  });
  it("draws a short box long enough to read, within the line, and knows its real time", () => {
    const line = dayLine(DAY, ZONE, [], []);
    const [short, due, late] = lanes(
      [
        slot("short", "10:00", "10:15"),
        box("due", { kind: "deadline", due_at: clock("16:00") }),
        slot("late", "17:45", "18:00"),
      ],
      line,
    ).laid;
    expect(short).toMatchObject({
      block: { from: clock("10:00"), to: clock("11:30") },
      real: { to: clock("10:15") },
    });
    expect(due!.block).toEqual({ from: clock("14:30"), to: clock("16:00") });
    expect(late!.block).toEqual({ from: clock("16:30"), to: clock("18:00") });
  });
  it("keeps a box outside the line in sight as untimed", () => {
    const line = dayLine(DAY, ZONE, [], []);
    expect(lanes([slot("a", "01:00", "02:00")], line).untimed).toHaveLength(1);
  });
});

describe("who suits a box", () => {
  const codes = new Map([["s1", "aftersale"]]);
  const line = { from: clock("09:00"), to: clock("18:00") };
  const row = (skills: string[], shifts: Assignment[]) => ({
    person: person("li", skills),
    shifts,
    boxes: [],
  });
  const task = slot("a", "14:00", "15:00", { skill_code: "aftersale" });
  it.each([
    ["ok", row(["s1"], [shift("li", "09:00", clock("18:00"))])],
    ["no_skill", row([], [shift("li", "09:00", clock("18:00"))])],
    ["off_shift", row(["s1"], [shift("li", "09:00", clock("14:00"))])],
    ["off_shift", row(["s1"], [])],
  ])("%s", (want, who) => expect(fit(task, who, codes, line)).toBe(want));
  it("takes anybody on shift for a task without time or skill", () => {
    expect(fit(box("a"), row([], [shift("li", "09:00", clock("12:00"))]), codes, line)).toBe("ok");
  });
});
