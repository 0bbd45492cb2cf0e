import { expect, it } from "vitest";
import { weekLabel } from "./dates";

it.each([
  ["2025-11-17", "zh-CN", "11月17日 – 11月23日"],
  ["2025-11-17", "en", "17 Nov – 23 Nov"],
  ["2025-12-29", "zh-CN", "2025年12月29日 – 2026年1月4日"],
  ["2024-11-18", "en", "18 Nov 2024 – 24 Nov 2024"],
] as const)("names the week of %s in %s", (monday, locale, want) => {
  expect(weekLabel(monday, "2025-11-21", locale)).toBe(want);
});
