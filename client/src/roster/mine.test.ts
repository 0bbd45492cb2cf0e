import { describe, expect, it } from "vitest";
import { at } from "../core/time";
import type { Assignment } from "../gen/api";
import { shift, ZONE } from "../tasks/testkit";
import { arrival, endOf, handsOverToMe, nowOrNext, phaseOf, takesOverFromMe, weeks, workDay } from "./mine";

const D20 = "2025-11-20";
const D21 = "2025-11-21";
const D22 = "2025-11-22";
const T = (day: string, hm: string, zone = ZONE): number => at(day, hm, zone);
const early = (who: string, day = D21, more: Partial<Assignment> = {}) => shift(who, day, "08:30", 9, more);
const late = (who: string, day = D21, more: Partial<Assignment> = {}) =>
  shift(who, day, "17:30", 6, { skill_code: "night", ...more });
const night = (who: string, day = D21, more: Partial<Assignment> = {}) => shift(who, day, "22:00", 8, more);

describe("now or next", () => {
  const mine = [late("me", D22), early("me"), night("me", "2025-12-30")];
  it.each([
    [D20, "12:00", D21, "later"],
    [D21, "08:19", D21, "later"],
    [D21, "08:20", D21, "arriving"],
    [D21, "08:30", D21, "on"],
    [D21, "17:29", D21, "on"],
    [D21, "17:30", D22, "later"],
    [D22, "23:30", "2025-12-30", "later"],
    ["2025-12-31", "05:59", "2025-12-30", "on"],
  ])("on %s at %s it is the one of %s: %s", (day, hm, want, phase) => {
    const found = nowOrNext(mine, T(day, hm))!;
    expect([found.day, phaseOf(found, T(day, hm))]).toEqual([want, phase]);
  });

  it("ends when nothing is planned any more", () => {
    expect(nowOrNext(mine, T("2025-12-31", "06:00"))).toBeNull();
    expect(nowOrNext([], 0)).toBeNull();
  });
});

describe("the day one works on", () => {
  it.each([
    ["a day shift", [early("me")], D21, "10:00", D21],
    ["a late shift before midnight", [late("me")], D21, "23:29", D21],
    ["after it, past midnight", [late("me")], D22, "00:10", D22],
    ["a night shift after midnight", [night("me")], D22, "03:00", D21],
    ["the morning after it", [night("me")], D22, "06:00", D22],
    ["arriving for an early one", [night("me", D20), shift("me", D21, "00:05", 8)], D20, "23:58", D20],
  ] as [string, Assignment[], string, string, string][])("%s", (_name, mine, day, hm, want) => {
    expect(workDay(mine, T(day, hm), day)).toBe(want);
  });
});

describe("start, end and arrival as people read them", () => {
  const berlin = { zone: "Europe/Berlin" };
  it.each([
    ["day", early("me"), "08:20", 0, "17:30", 0],
    ["late", late("me"), "17:20", 0, "23:30", 0],
    ["till midnight", shift("me", D21, "16:00", 8), "15:50", 0, "00:00", 1],
    ["night", night("me"), "21:50", 0, "06:00", 1],
    ["from midnight", shift("me", D21, "00:05", 6), "23:55", -1, "06:05", 0],
    // The length holds: an hour is lost in spring and won in autumn.
    ["spring forward", shift("me", "2026-03-28", "22:00", 8, berlin), "21:50", 0, "07:00", 1],
    ["fall back", shift("me", "2025-10-25", "22:00", 8, berlin), "21:50", 0, "05:00", 1],
    ["arrival before the gap", shift("me", "2026-03-29", "03:05", 8, berlin), "01:55", 0, "11:05", 0],
    ["month end", night("me", "2025-11-30"), "21:50", 0, "06:00", 1],
  ] as [string, Assignment, string, number, string, number][])(
    "%s",
    (_name, one, come, before, end, past) => {
      expect(arrival(one)).toEqual({ hm: come, days: before });
      expect(endOf(one)).toEqual({ hm: end, days: past });
    },
  );
});

describe("who hands over to me", () => {
  const me = late("me", D21, { seat_id: "s1" });
  const names = (all: Assignment[], mine = me): [string[], boolean] | null => {
    const found = handsOverToMe(mine, all);
    return found && [found.shifts.map((one) => one.person_id), found.meets];
  };
  it.each([
    ["the one who leaves", [early("li")], [["li"], true]],
    ["the same seat before the shop", [early("li"), early("wang", D21, { seat_id: "s1" })], [["wang"], true]],
    ["everybody who leaves", [early("wang"), early("li"), early("zhao", D20)], [["li", "wang"], true]],
    ["the closest in time", [early("li"), shift("wang", D21, "09:00", 8)], [["li"], true]],
    ["within the hour, without meeting", [shift("li", D21, "08:00", 9)], [["li"], false]],
    ["nobody of another shop", [early("li", D21, { shop_id: "other" })], null],
    ["nobody of another team", [early("li", D21, { team_id: "x" })], null],
    ["not oneself", [early("me")], null],
    ["colleagues simply go on", [shift("li", D21, "12:00", 9)], null],
    ["nobody", [], null],
  ] as [string, Assignment[], unknown][])("%s", (_name, all, want) => {
    expect(names(all)).toEqual(want);
  });

  it("reaches over a closed night to who left last", () => {
    const mine = early("me");
    expect(names([late("li", D20), shift("wang", D20, "12:00", 9)], mine)).toEqual([["li"], false]);
    expect(names([early("li", D20)], mine)).toBeNull();
    // Another one opened the shop at eight.
    expect(names([late("li", D20), shift("wang", D21, "08:00", 9)], mine)).toBeNull();
    // Two who open together both take over.
    expect(names([late("li", D20), early("wang")], mine)).toEqual([["li"], false]);
  });

  it("follows a night over midnight", () => {
    const mine = shift("me", D22, "06:00", 8);
    expect(names([night("li")], mine)).toEqual([["li"], true]);
    expect(takesOverFromMe(night("li"), [mine])?.shifts[0]!.person_id).toBe("me");
  });

  it("keeps people without a shop among themselves", () => {
    const free = { shop_id: null };
    expect(names([early("li"), early("wang", D21, free)], late("me", D21, free))).toEqual([["wang"], true]);
  });

  it("still meets when the clock changes", () => {
    const berlin = { zone: "Europe/Berlin" };
    const before = shift("li", "2026-03-28", "22:00", 8, berlin);
    expect(names([before], shift("me", "2026-03-29", "07:00", 8, berlin))).toEqual([["li"], true]);
  });
});

describe("who takes over from me", () => {
  const names = (mine: Assignment, all: Assignment[]): [string[], boolean] | null => {
    const found = takesOverFromMe(mine, all);
    return found && [found.shifts.map((one) => one.person_id), found.meets];
  };
  it.each([
    ["the one who comes", early("me"), [late("li")], [["li"], true]],
    ["who comes in time only when early", early("me"), [shift("li", D21, "17:40", 6)], [["li"], true]],
    ["who comes half an hour later", early("me"), [shift("li", D21, "18:00", 6)], [["li"], false]],
    ["the morning after a closed night", late("me"), [early("li", D22)], [["li"], false]],
    ["nobody when others stay", late("me"), [shift("wang", D21, "18:00", 6), early("li", D22)], null],
    ["nobody before a free day", early("me"), [early("li", D22)], null],
  ] as [string, Assignment, Assignment[], unknown][])("%s", (_name, mine, all, want) => {
    expect(names(mine, all)).toEqual(want);
  });
});

describe("weeks", () => {
  it("runs from this week to the last planned one, holes included", () => {
    const mine = [early("me", "2025-11-17"), night("me", "2025-11-23"), early("me", "2025-12-01")];
    const all = weeks(mine, [...mine, early("li", "2025-12-08")], D21);
    expect(
      all.map((week) => [week.monday, week.planned, week.shifts, week.nights, week.minutes / 60]),
    ).toEqual([
      ["2025-11-17", true, 2, 1, 17],
      ["2025-11-24", false, 0, 0, 0],
      ["2025-12-01", true, 1, 0, 9],
      ["2025-12-08", true, 0, 0, 0],
    ]);
    expect(all[0]!.days.map((one) => one.shifts.length)).toEqual([1, 0, 0, 0, 0, 0, 1]);
  });

  it("always shows this week and the next", () => {
    expect(weeks([], [], D21).map((week) => week.monday)).toEqual(["2025-11-17", "2025-11-24"]);
  });

  it("has seven days in the week of a clock change", () => {
    const [week] = weeks([], [], "2026-03-29");
    expect(week!.days.map((one) => one.day.slice(5))).toEqual([
      "03-23",
      "03-24",
      "03-25",
      "03-26",
      "03-27",
      "03-28",
      "03-29",
    ]);
  });
});
