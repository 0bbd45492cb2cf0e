import { expect, it } from "vitest";
import { hoursOf, minutesOf, moved, readHours, sooner, timeOf, typedHours, waitOf, without } from "./draft";
import { hours, stepOf } from "./testkit";

const ids = (steps: { id: string }[]): string => steps.map((step) => step.id).join("");
const STEPS = [stepOf("a", { then: "c" }), stepOf("b"), stepOf("c", { then: "end" })];

it("a step moves by one and stays at the ends", () => {
  expect(ids(moved(STEPS, 0, 1))).toBe("bac");
  expect(ids(moved(STEPS, 2, -1))).toBe("acb");
  expect(ids(moved(STEPS, 0, -1))).toBe("abc");
  expect(ids(moved(STEPS, 2, 1))).toBe("abc");
});

it("nothing leads to a step that is gone", () => {
  expect(without(STEPS, "c").map(({ id, then }) => [id, then])).toEqual([
    ["a", ""],
    ["b", ""],
  ]);
});

it("a channel moves towards the first choice", () => {
  expect(sooner(["im", "sms", "phone"], 2)).toEqual(["im", "phone", "sms"]);
  expect(sooner(["im", "sms"], 0)).toEqual(["im", "sms"]);
});

it("a wait is said in the largest unit that holds it whole", () => {
  expect([0, 90, 120, 2880].map(waitOf)).toEqual([
    { n: 0, unit: "minutes" },
    { n: 90, unit: "minutes" },
    { n: 2, unit: "hours" },
    { n: 2, unit: "days" },
  ]);
  expect(minutesOf(1.5, "hours")).toBe(90);
  expect(minutesOf(-1, "days")).toBe(0);
});

it("a time may be typed as on a phone, and midnight is an end", () => {
  const times = [
    ["9:00", "09:00"],
    [" 20：30 ", "20:30"],
    ["24:00", "24:00"],
    ["0900", "09:00"],
    ["900", "09:00"],
    ["2400", "24:00"],
    ["9.05", "09:05"],
    ["20.30", "20:30"],
    ["", null],
    [" ", null],
    ["24:01", undefined],
    ["2401", undefined],
    ["960", undefined],
    ["9", undefined],
    ["90", undefined],
    ["09000", undefined],
    ["9.0.0", undefined],
    ["abc", undefined],
  ] as const;
  for (const [typed, time] of times) expect(timeOf(typed), typed).toBe(time);
});

it("hours have both ends, and what is preferred lies inside", () => {
  const typed = { from: "9:00", until: "20:30", prefer_from: "18:00", prefer_until: "20:00" };
  expect(hoursOf(typed)).toEqual({ ...typed, from: "09:00" });
  expect(hoursOf({ ...typed, prefer_from: "", prefer_until: "" })).toMatchObject({ prefer_from: null });
  for (const wrong of [{ from: "" }, { until: "08:00" }, { prefer_until: "" }, { prefer_until: "21:00" }])
    expect(hoursOf({ ...typed, ...wrong })).toBeNull();
});

it("the hours of a shop are read back as they were typed, and what makes no sense is named", () => {
  const { id: _, shop_id: __, ...stored } = hours();
  const typed = typedHours(stored);
  expect(readHours(typed)).toEqual({ faults: [], hours: stored });
  const sms = { ...typed.hours.sms, from: "900", until: "20.30" };
  expect(readHours({ ...typed, hours: { ...typed.hours, sms } }).hours).toEqual(stored);
  expect(readHours({ ...typed, decide: "721", back: "0", open_from: "2400" })).toEqual({
    faults: ["open", "decide", "back"],
    hours: null,
  });
  const wrong = { ...typed.hours, im: { ...typed.hours.im, until: "" } };
  expect(readHours({ ...typed, hours: wrong, back: "1.5" }).faults).toEqual(["im", "back"]);
});
