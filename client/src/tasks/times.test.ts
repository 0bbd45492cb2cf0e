import { describe, expect, it } from "vitest";
import { at } from "../core/time";
import { box, shift, ZONE } from "./testkit";
import { draftOf, editedTimes, freshDraft, timesInShift, timesOf } from "./times";

const DAY = "2025-11-21";
const NEXT = "2025-11-22";
const T = (hm: string, day = DAY): number => at(day, hm, ZONE);

describe("the times of a new task", () => {
  const draft = { kind: "timebox" as const, start: "22:00", end: "01:00", due: "", next_day: false };
  it.each([
    ["a slot over midnight", draft, { start_at: T("22:00"), end_at: T("01:00", "2025-11-22"), due_at: null }],
    ["a slot without end", { ...draft, end: "" }, "bad_time"],
    ["a slot of no length", { ...draft, end: "22:00" }, "bad_time"],
    [
      "a deadline",
      { ...draft, kind: "deadline" as const, due: "16:00" },
      { start_at: null, end_at: null, due_at: T("16:00") },
    ],
    [
      "a deadline after midnight",
      { ...draft, kind: "deadline" as const, due: "00:30", next_day: true },
      { start_at: null, end_at: null, due_at: T("00:30", "2025-11-22") },
    ],
    ["a deadline not given", { ...draft, kind: "deadline" as const, due: "" }, "bad_time"],
    ["any time", { ...draft, kind: "anytime" as const }, { start_at: null, end_at: null, due_at: null }],
  ])("%s", (_, given, want) => expect(timesOf(DAY, given, ZONE)).toEqual(want));
});

describe("an own task", () => {
  const night = shift("me", DAY, "22:00", 8);
  const late = shift("me", DAY, "17:30", 6);
  const window = (start: string, end: string) => ({
    kind: "timebox" as const,
    start,
    end,
    due: "",
    next_day: false,
  });
  const by = (hm: string) => ({ kind: "deadline" as const, start: "", end: "", due: hm, next_day: false });
  const NEXT = "2025-11-22";
  it.each([
    ["by day", null, window("14:00", "15:00"), T("14:00"), T("15:00")],
    ["in the evening of a night shift", night, window("22:30", "23:00"), T("22:30"), T("23:00")],
    ["after midnight in a night shift", night, window("01:00", "02:00"), T("01:00", NEXT), T("02:00", NEXT)],
    ["over midnight", late, window("23:00", "00:30"), T("23:00"), T("00:30", NEXT)],
    ["in the morning before a late shift", late, window("09:00", "10:00"), T("09:00"), T("10:00")],
    ["in the morning after a night shift", night, window("08:00", "09:00"), T("08:00"), T("09:00")],
  ])("%s", (_name, on, draft, start_at, end_at) => {
    expect(timesInShift(DAY, draft, ZONE, on)).toMatchObject({ start_at, end_at });
  });

  it("has its deadline in the night too, and says when a time is wrong", () => {
    expect(timesInShift(DAY, by("05:00"), ZONE, night)).toMatchObject({ due_at: T("05:00", NEXT) });
    expect(timesInShift(DAY, by("23:00"), ZONE, night)).toMatchObject({ due_at: T("23:00") });
    expect(timesInShift(DAY, by(""), ZONE, night)).toBe("bad_time");
    expect(timesInShift(DAY, { ...by(""), kind: "anytime" }, ZONE, night)).toMatchObject({
      due_at: null,
    });
  });

  it.each([
    [T("10:10"), true, "10:30", "11:30"],
    [T("10:30"), true, "10:30", "11:30"],
    [T("23:10"), true, "23:30", "00:30"],
    [T("10:10"), false, "09:00", "10:00"],
  ])("starts with the coming half hour, case %#", (now, isToday, start, end) => {
    expect(freshDraft(now, ZONE, isToday)).toMatchObject({ kind: "anytime", start, end });
  });
});

describe("changing the times of a box", () => {
  const night = box({
    kind: "sweep",
    start_at: T("00:30", NEXT),
    end_at: T("01:00", NEXT),
    due_at: T("01:00", NEXT),
  });
  const cut = box({ start_at: T("09:00"), end_at: T("10:00"), due_at: T("11:00") });
  const late = box({ kind: "deadline", due_at: T("02:00", NEXT) });
  const free = box({ kind: "anytime", due_at: T("17:30") });

  it.each([
    ["a window after midnight", night],
    ["a window with a cut-off", cut],
    ["a deadline after midnight", late],
  ])("%s comes back as it was", (_name, row) => {
    const { kind, start_at, end_at, due_at } = row;
    const times = editedTimes(row, draftOf(row, ZONE), ZONE);
    expect(times).toEqual({ kind, start_at, end_at, due_at: due_at === end_at ? null : due_at });
  });

  it("moves a window within its own night and keeps a cut-off", () => {
    expect(editedTimes(night, { ...draftOf(night, ZONE), end: "02:00" }, ZONE)).toMatchObject({
      kind: "sweep",
      end_at: T("02:00", NEXT),
    });
    expect(editedTimes(cut, { ...draftOf(cut, ZONE), start: "09:30" }, ZONE)).toMatchObject({
      due_at: T("11:00"),
    });
  });

  it("makes one kind of another", () => {
    expect(draftOf(free, ZONE).kind).toBe("anytime");
    expect(editedTimes(free, { ...draftOf(free, ZONE), kind: "timebox" }, ZONE)).toEqual({
      kind: "timebox",
      start_at: T("09:00"),
      end_at: T("10:00"),
      due_at: null,
    });
    expect(editedTimes(cut, { ...draftOf(cut, ZONE), kind: "anytime" }, ZONE)).toEqual({
      kind: "anytime",
      start_at: null,
      end_at: null,
      due_at: null,
    });
    expect(editedTimes(cut, { ...draftOf(cut, ZONE), start: "" }, ZONE)).toBe("bad_time");
  });
});
