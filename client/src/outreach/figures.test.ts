import { expect, it } from "vitest";
import { hoursOf, peakOf, table } from "./figures";

it("counts by reason and channel, what was tried most first", () => {
  const { channels, lines, total } = table([
    { channel: "im", reason_id: "a", tried: 3, answered: 1 },
    { channel: "phone", reason_id: "b", tried: 8, answered: 6 },
    { channel: "im", reason_id: "b", tried: 4, answered: 0 },
  ]);
  expect(channels).toEqual(["im", "phone"]);
  expect(lines.map((line) => [line.reason_id, line.all])).toEqual([
    ["b", { tried: 12, answered: 6, percent: 50 }],
    ["a", { tried: 3, answered: 1, percent: 33 }],
  ]);
  expect(lines[1]!.by.map((one) => one.share.tried)).toEqual([3, 0]);
  expect(lines[1]!.by[1]!.share.percent).toBe(0);
  expect(total.all).toEqual({ tried: 15, answered: 7, percent: 47 });
  expect(total.by.map((one) => one.share.percent)).toEqual([14, 75]);
});

it("shows the hours between the first and the last answer", () => {
  const heat = Array.from({ length: 7 }, () => Array.from({ length: 24 }, () => 0));
  expect(hoursOf(heat)).toEqual([]);
  expect(peakOf(heat)).toBe(0);
  heat[0]![9] = 2;
  heat[6]![12] = 5;
  expect(hoursOf(heat)).toEqual([9, 10, 11, 12]);
  expect(peakOf(heat)).toBe(5);
});
