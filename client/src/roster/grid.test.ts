import { describe, expect, it } from "vitest";
import type { ShiftType } from "../gen/api";
import { fromTsv, moved, next, pasted, readCell, rectOf, stretched, tiled, toTsv } from "./grid";

const types = [
  { id: "d", letter: "早", name: { zh: "早班", en: "Day" }, archived: false },
  { id: "n", letter: "Y", name: { zh: "夜班", en: "Night" }, archived: false },
  { id: "o", letter: "O", name: { zh: "旧班", en: "Old" }, archived: true },
] as ShiftType[];

describe("moving", () => {
  it.each([
    ["ArrowUp", false, { row: 0, col: 3 }],
    ["ArrowRight", false, { row: 1, col: 4 }],
    ["ArrowRight", true, { row: 1, col: 6 }],
    ["Home", false, { row: 1, col: 0 }],
    ["End", true, { row: 3, col: 6 }],
    ["PageDown", false, { row: 3, col: 3 }],
  ])("%s, ctrl %s", (key, ctrl, want) => {
    expect(moved({ row: 1, col: 3 }, key, 4, 7, ctrl)).toEqual(want);
  });
  it("does not answer other keys", () => expect(moved({ row: 0, col: 0 }, "a", 4, 7)).toBeNull());
  it("moves on after typing, into the next row, and stops at the end", () => {
    expect(next({ row: 0, col: 6 }, 2, 7)).toEqual({ row: 1, col: 0 });
    expect(next({ row: 1, col: 6 }, 2, 7)).toEqual({ row: 1, col: 6 });
  });
});

describe("fill handle", () => {
  const source = rectOf({ row: 1, col: 1 }, { row: 1, col: 2 });
  it("grows in the direction pulled further", () => {
    expect(stretched(source, { row: 2, col: 5 })).toEqual({ ...source, right: 5 });
    expect(stretched(source, { row: 4, col: 3 })).toEqual({ ...source, bottom: 4 });
    expect(stretched(source, { row: 0, col: 0 })).toEqual({ ...source, top: 0 });
  });
  it("repeats the pattern in both directions", () => {
    const right = tiled(source, { ...source, right: 5 });
    expect(right.map(({ from, to }) => [from.col, to.col])).toEqual([
      [1, 3],
      [2, 4],
      [1, 5],
    ]);
    const left = tiled(source, { ...source, left: 0 });
    expect(left.map(({ from, to }) => [from.col, to.col])).toEqual([[2, 0]]);
  });
});

describe("clipboard", () => {
  it("goes out and comes back", () => {
    const block = [
      ["早", ""],
      ["Y", "早+Y"],
    ];
    expect(fromTsv(toTsv(block))).toEqual(block);
  });
  it("reads what a spreadsheet writes", () => {
    expect(fromTsv('早\t"Y"\r\n\t\r\n')).toEqual([
      ["早", "Y"],
      ["", ""],
    ]);
  });
  it.each([
    ["早", ["d"]],
    ["夜班", ["n"]],
    ["night", ["n"]],
    ["早/Y", ["d", "n"]],
    ["休", []],
    ["", []],
    ["O", null],
    ["病", null],
  ])("reads %s", (text, want) => {
    expect(readCell(text, types)?.map((type) => type.id) ?? null).toEqual(want);
  });
  it("fills a selection with one value and cuts a block at the edge", () => {
    expect(pasted([["早"]], rectOf({ row: 0, col: 0 }, { row: 1, col: 1 }), 4, 7)).toHaveLength(4);
    const cut = pasted(
      [
        ["a", "b"],
        ["c", "d"],
      ],
      rectOf({ row: 3, col: 6 }, { row: 3, col: 6 }),
      4,
      7,
    );
    expect(cut).toEqual([{ cell: { row: 3, col: 6 }, text: "a" }]);
  });
});
