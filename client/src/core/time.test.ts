import { describe, expect, it } from "vitest";
import {
  addDays,
  addMinutes,
  at,
  dayOf,
  daysBetween,
  formatAt,
  formatDay,
  hmOf,
  isHm,
  weekdayOf,
  weekOf,
  weekStart,
} from "./time";

const SHANGHAI = "Asia/Shanghai";
const BERLIN = "Europe/Berlin";

describe("days and wall clocks of a zone", () => {
  it.each([
    ["2025-12-31T15:59:59Z", SHANGHAI, "2025-12-31", "23:59"],
    ["2025-12-31T16:00:00Z", SHANGHAI, "2026-01-01", "00:00"],
    ["2026-03-29T00:59:00Z", BERLIN, "2026-03-29", "01:59"],
    ["2026-03-29T01:00:00Z", BERLIN, "2026-03-29", "03:00"],
    ["2026-01-01T04:30:00Z", "America/New_York", "2025-12-31", "23:30"],
    ["2026-01-01T00:00:00Z", "Asia/Kathmandu", "2026-01-01", "05:45"],
  ])("%s in %s is %s %s", (iso, zone, day, hm) => {
    expect(dayOf(Date.parse(iso), zone)).toBe(day);
    expect(hmOf(Date.parse(iso), zone)).toBe(hm);
  });

  it.each([
    ["2026-01-05", "08:30", SHANGHAI, "2026-01-05T00:30:00Z"],
    ["2026-01-05", "00:00", SHANGHAI, "2026-01-04T16:00:00Z"],
    ["2026-07-05", "08:30", BERLIN, "2026-07-05T06:30:00Z"],
    // Skipped by the change to summer time: later by the gap.
    ["2026-03-29", "02:30", BERLIN, "2026-03-29T01:30:00Z"],
    // Occurs twice at the change back: the first.
    ["2026-10-25", "02:30", BERLIN, "2026-10-25T00:30:00Z"],
    ["2026-10-25", "03:30", BERLIN, "2026-10-25T02:30:00Z"],
    ["2026-11-01", "01:30", "America/New_York", "2026-11-01T05:30:00Z"],
    ["2026-03-08", "02:15", "America/New_York", "2026-03-08T07:15:00Z"],
  ])("%s %s in %s is %s", (day, hm, zone, iso) => {
    expect(new Date(at(day, hm, zone)).toISOString()).toBe(iso.replace("Z", ".000Z"));
  });

  it("comes back from an instant to its day and time", () => {
    for (const zone of [SHANGHAI, BERLIN, "America/Sao_Paulo", "Australia/Lord_Howe"]) {
      for (let ms = Date.UTC(2026, 0, 1); ms < Date.UTC(2027, 0, 1); ms += 7 * 3_600_000 + 60_000) {
        const back = at(dayOf(ms, zone), hmOf(ms, zone), zone);
        // Only in the hour that occurs twice may the first be meant instead.
        expect([0, -3_600_000, -1_800_000]).toContain(back - ms);
      }
    }
  });
});

describe("calendar days", () => {
  it("count across months, years and leap days", () => {
    expect(addDays("2024-02-28", 1)).toBe("2024-02-29");
    expect(addDays("2026-01-01", -1)).toBe("2025-12-31");
    expect(daysBetween("2026-02-27", "2026-03-02")).toBe(3);
    expect(daysBetween("2026-03-28", "2026-03-30")).toBe(2);
  });

  it("know their week, Monday first", () => {
    expect(weekdayOf("2026-01-05")).toBe(1);
    expect(weekdayOf("2026-01-04")).toBe(7);
    expect(weekStart("2026-01-04")).toBe("2025-12-29");
    expect(weekOf("2026-01-01")).toEqual([
      "2025-12-29",
      "2025-12-30",
      "2025-12-31",
      "2026-01-01",
      "2026-01-02",
      "2026-01-03",
      "2026-01-04",
    ]);
  });

  it("add minutes over midnight", () => {
    expect(addMinutes("22:00", 480)).toEqual({ hm: "06:00", days: 1 });
    expect(addMinutes("08:30", -15)).toEqual({ hm: "08:15", days: 0 });
    expect(addMinutes("00:10", -20)).toEqual({ hm: "23:50", days: -1 });
    expect(addMinutes("00:00", 1440)).toEqual({ hm: "00:00", days: 1 });
  });

  it("tell a time from what is none", () => {
    expect(["00:00", "23:59", "8:00", "24:00", "12:60", ""].map(isHm)).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
  });

  it("read well in both languages", () => {
    expect(formatDay("2026-01-05", "zh-CN")).toMatch(/1月5日.*周一/);
    expect(formatDay("2026-01-05", "en")).toMatch(/^Mon,? 5 Jan$/);
    expect(formatDay("2026-01-05", "en", "weekday")).toBe("Mon");
    expect(formatDay("2026-01-05", "zh-CN", "long")).toMatch(/2026年1月5日.*星期一/);
    expect(formatAt(Date.parse("2026-01-05T00:05:00Z"), "en", SHANGHAI)).toMatch(/^5 Jan,? 08:05$/);
  });
});
