import { describe, expect, it } from "vitest";
import { at, HOUR, MINUTE } from "../core/time";
import type { Box, Skill } from "../gen/api";
import * as rules from "./rules";
import { box, person, ZONE } from "./testkit";

const DAY = "2025-11-21";
const T = (hm: string, day = DAY): number => at(day, hm, ZONE);
const timed = (id: string, from: string, to: string, more: Partial<Box> = {}): Box =>
  box({ id, start_at: T(from), end_at: T(to), due_at: T(to), ...more });
const due = (id: string, by: string, more: Partial<Box> = {}): Box =>
  box({ id, kind: "deadline", due_at: T(by), ...more });
const ids = (boxes: Box[]): string[] => boxes.map((one) => one.id);

describe("the order of a day", () => {
  const boxes = [
    box({ id: "any", kind: "anytime", due_at: T("17:30") }),
    due("eleven", "11:00"),
    timed("later", "13:00", "14:00"),
    timed("reception", "08:30", "17:30", { kind: "standing" }),
    timed("hour", "09:30", "10:30"),
    timed("past", "08:30", "09:30"),
    due("nine", "09:00"),
    timed("done", "08:30", "09:00", { state: "done", finished_at: T("09:10") }),
    timed("skipped", "08:30", "09:00", { state: "skipped", finished_at: T("09:20") }),
    timed("missed", "08:00", "08:30", { state: "missed" }),
  ];

  it("puts what is now first, the hour's task before the duty of all day", () => {
    const day = rules.arrange(boxes, T("10:00"));
    expect(ids(day.now)).toEqual(["hour", "reception"]);
    expect(ids(day.overdue)).toEqual(["past", "nine"]);
    expect(ids(day.next)).toEqual(["eleven", "later"]);
    expect(ids(day.anytime)).toEqual(["any"]);
    expect(ids(day.closed)).toEqual(["skipped", "done", "missed"]);
  });

  it("puts what is being done above everything, even outside its window", () => {
    const doing = timed("early", "15:00", "16:00", { state: "doing", started_at: T("09:50") });
    expect(ids(rules.arrange([...boxes, doing], T("10:00")).now)).toEqual(["early", "hour", "reception"]);
  });

  it.each([
    ["08:29", []],
    ["08:30", ["a"]],
    ["09:29", ["a"]],
    ["09:30", ["b"]],
    ["10:30", []],
  ])("at %s now is %s", (hm, want) => {
    expect(
      ids(rules.arrange([timed("a", "08:30", "09:30"), timed("b", "09:30", "10:30")], T(hm)).now),
    ).toEqual(want);
  });

  it("keeps a sweep without an end until it is due", () => {
    const sweep = box({ kind: "sweep", start_at: T("10:00"), due_at: T("12:00") });
    expect([T("09:59"), T("10:00"), T("11:59"), T("12:00")].map((now) => rules.isNow(sweep, now))).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });

  it("orders the same time by what ends first, then by quadrant", () => {
    const same = [
      timed("q2", "13:00", "14:00", { quadrant: "Q2" }),
      timed("long", "13:00", "15:00"),
      timed("q1", "13:00", "14:00"),
    ];
    expect(ids(rules.arrange(same, T("10:00")).next)).toEqual(["q1", "q2", "long"]);
  });
});

describe("overdue", () => {
  it.each([
    ["open, before", "todo", "10:59", 0],
    ["open, on the minute", "todo", "11:00", 0],
    ["open, after", "todo", "11:25", 25],
    ["started, after", "doing", "12:00", 60],
    ["done", "done", "12:00", 0],
    ["skipped", "skipped", "12:00", 0],
    ["missed", "missed", "12:00", 0],
  ] as const)("%s", (_name, state, hm, minutes) => {
    expect(rules.overdueBy(due("a", "11:00", { state }), T(hm))).toBe(minutes * MINUTE);
  });

  it.each([
    // A late shift 17:30–23:30, looked at after midnight: still the day before.
    ["17:30", "23:30", "00:10", "2025-11-22", 40],
    // A night shift over midnight: its boxes belong to the day it began.
    ["22:00", "23:00", "00:10", "2025-11-22", 70],
  ])("counts across midnight: %s–%s at %s", (from, to, hm, day, minutes) => {
    const one = timed("a", from, to);
    expect(rules.overdueBy(one, T(hm, day))).toBe(minutes * MINUTE);
    expect(ids(rules.ofDay([one], day, day))).toEqual(["a"]);
  });

  it("is not late before its own night is over", () => {
    const next = box({
      start_at: T("00:30", "2025-11-22"),
      end_at: T("02:00", "2025-11-22"),
      due_at: T("02:00", "2025-11-22"),
    });
    expect(rules.isOverdue(next, T("23:59"))).toBe(false);
    expect(rules.isNow(next, T("01:00", "2025-11-22"))).toBe(true);
    expect(rules.isOverdue(next, T("02:01", "2025-11-22"))).toBe(true);
  });

  it("counts real time when the clock changes", () => {
    const zone = "Europe/Berlin";
    const one = box({ due_at: at("2025-10-25", "23:00", zone) });
    expect(rules.overdueBy(one, at("2025-10-26", "04:00", zone))).toBe(6 * HOUR);
  });

  it.each([
    ["10:29", null],
    ["10:30", 30],
    ["11:00", 0],
    ["11:01", null],
  ])("at %s says %s minutes are left", (hm, minutes) => {
    expect(rules.dueSoon(due("a", "11:00"), T(hm))).toBe(minutes === null ? null : minutes * MINUTE);
  });
});

describe("which boxes", () => {
  const boxes = [
    box({ id: "today" }),
    box({ id: "left", day: "2025-11-20" }),
    box({ id: "older done", day: "2025-11-20", state: "done" }),
    box({ id: "tomorrow", day: "2025-11-22" }),
    box({ id: "theirs", assignee_id: "li" }),
  ];
  it.each([
    [DAY, ["today", "left"]],
    ["2025-11-20", ["left", "older done"]],
    ["2025-11-22", ["tomorrow"]],
  ])("on %s shows %s", (day, want) => {
    expect(ids(rules.ofPerson(rules.ofDay(boxes, day, DAY), "me"))).toEqual(want);
  });

  it("offers what fits first, and only open ones of the own team", () => {
    const skills: Skill[] = [
      { id: "s1", name: { zh: "售前", en: "Presale" }, code: "presale", archived: false },
    ];
    const free = (id: string, more: Partial<Box>): Box =>
      timed(id, "10:00", "11:00", { assignee_id: null, ...more });
    const rows = [
      free("other skill", { skill_code: "night", start_at: T("08:00") }),
      free("own skill", { skill_code: "presale" }),
      free("anybody", { start_at: T("09:00") }),
      free("closed", { state: "missed" }),
      free("other team", { team_id: "x" }),
      timed("mine", "10:00", "11:00"),
    ];
    expect(ids(rules.pool(rows, person("me", { skill_ids: ["s1"] }), skills))).toEqual([
      "anybody",
      "own skill",
      "other skill",
    ]);
  });
});

describe("one tap", () => {
  it.each([
    ["timebox before", timed("a", "10:30", "11:00"), "start"],
    ["timebox in its window", timed("a", "09:30", "11:00"), "start"],
    ["timebox over", timed("a", "08:30", "09:30"), "finish"],
    ["timebox started", timed("a", "09:30", "11:00", { state: "doing" }), "finish"],
    ["sweep", box({ kind: "sweep", start_at: T("10:00") }), "start"],
    ["meeting", timed("a", "11:10", "12:00", { kind: "meeting" }), "start"],
    ["deadline", due("a", "11:00"), "finish"],
    ["anytime", box({ kind: "anytime" }), "finish"],
    ["missed", timed("a", "08:30", "09:30", { state: "missed" }), "finish"],
  ] as [string, Box, string][])("%s", (_name, row, want) => {
    expect(rules.mainStep(row, T("10:00"))).toBe(want);
  });
});

describe("lengths and counts", () => {
  it.each([
    [-5, { d: 0, h: 0, m: 0 }],
    [59_999, { d: 0, h: 0, m: 0 }],
    [25 * MINUTE, { d: 0, h: 0, m: 25 }],
    [3 * HOUR + 5 * MINUTE, { d: 0, h: 3, m: 5 }],
    [50 * HOUR + 5 * MINUTE, { d: 2, h: 2, m: 0 }],
  ])("%s ms", (ms, want) => {
    expect(rules.lengthOf(ms)).toEqual(want);
  });

  it("counts skipped as settled and missed as not", () => {
    const states = (["todo", "doing", "done", "skipped", "missed"] as const).map((state) => box({ state }));
    expect(rules.progress(states)).toEqual({ done: 2, total: 5 });
    const tick = (done: boolean) => ({ text: { zh: "", en: "" }, done });
    expect(rules.checked(box({ checklist: [tick(true), tick(false), tick(true)] }))).toBe(2);
  });
});
