/** Pure geometry and clipboard of the week grid. */
import type { Assignment, ShiftType } from "../gen/api";

export type Cell = { row: number; col: number };
export type Rect = { top: number; left: number; bottom: number; right: number };

export const rectOf = (a: Cell, b: Cell): Rect => ({
  top: Math.min(a.row, b.row),
  left: Math.min(a.col, b.col),
  bottom: Math.max(a.row, b.row),
  right: Math.max(a.col, b.col),
});

export const inRect = (rect: Rect, row: number, col: number): boolean =>
  row >= rect.top && row <= rect.bottom && col >= rect.left && col <= rect.right;

export function cellsOf(rect: Rect): Cell[] {
  const out: Cell[] = [];
  for (let row = rect.top; row <= rect.bottom; row++)
    for (let col = rect.left; col <= rect.right; col++) out.push({ row, col });
  return out;
}

/** Where a movement key leads; null for any other key. Never leaves the grid. */
export function moved(from: Cell, key: string, rows: number, cols: number, ctrl = false): Cell | null {
  const clamp = (n: number, max: number): number => Math.max(0, Math.min(max, n));
  switch (key) {
    case "ArrowUp":
      return { row: ctrl ? 0 : clamp(from.row - 1, rows - 1), col: from.col };
    case "ArrowDown":
      return { row: ctrl ? rows - 1 : clamp(from.row + 1, rows - 1), col: from.col };
    case "ArrowLeft":
      return { row: from.row, col: ctrl ? 0 : clamp(from.col - 1, cols - 1) };
    case "ArrowRight":
      return { row: from.row, col: ctrl ? cols - 1 : clamp(from.col + 1, cols - 1) };
    case "Home":
      return { row: ctrl ? 0 : from.row, col: 0 };
    case "End":
      return { row: ctrl ? rows - 1 : from.row, col: cols - 1 };
    case "PageUp":
      return { row: clamp(from.row - 10, rows - 1), col: from.col };
    case "PageDown":
      return { row: clamp(from.row + 10, rows - 1), col: from.col };
    default:
      return null;
  }
}

/** The next cell after one is filled: to the right, then the start of the next row; the last cell stays. */
export function next(from: Cell, rows: number, cols: number): Cell {
  if (from.col < cols - 1) return { row: from.row, col: from.col + 1 };
  return from.row < rows - 1 ? { row: from.row + 1, col: 0 } : from;
}

/**
 * The rectangle a fill handle makes when it is pulled from `source` to `to`: it grows in one direction only, the one
 * pulled further, as in a spreadsheet.
 */
export function stretched(source: Rect, to: Cell): Rect {
  const down = Math.max(to.row - source.bottom, source.top - to.row, 0);
  const across = Math.max(to.col - source.right, source.left - to.col, 0);
  return down >= across
    ? { ...source, top: Math.min(source.top, to.row), bottom: Math.max(source.bottom, to.row) }
    : { ...source, left: Math.min(source.left, to.col), right: Math.max(source.right, to.col) };
}

/** For each new cell of `target`, the cell of `source` it repeats: the whole pattern is tiled, not its first value. */
export function tiled(source: Rect, target: Rect): { from: Cell; to: Cell }[] {
  const height = source.bottom - source.top + 1;
  const width = source.right - source.left + 1;
  const mod = (n: number, m: number): number => ((n % m) + m) % m;
  return cellsOf(target)
    .filter((to) => !inRect(source, to.row, to.col))
    .map((to) => ({
      to,
      from: {
        row: source.top + mod(to.row - source.top, height),
        col: source.left + mod(to.col - source.left, width),
      },
    }));
}

/** What a cell says on the clipboard and in print: its letters, joined by "+" for a split day. */
export const cellText = (cell: Assignment[]): string => cell.map((row) => row.letter).join("+");

export const toTsv = (rows: string[][]): string => rows.map((row) => row.join("\t")).join("\n");

/** Reads what a spreadsheet put on the clipboard; quotes are dropped and a trailing empty line is not a row. */
export function fromTsv(text: string): string[][] {
  const lines = text.replace(/\r\n?/g, "\n").replace(/\n$/, "").split("\n");
  return lines.map((line) => line.split("\t").map((cell) => cell.trim().replace(/^"(.*)"$/, "$1")));
}

/** Words a spreadsheet uses for a day off. */
const REST = new Set(["", "-", "–", "—", "X", "OFF", "休", "休息"]);

/** The shift types a pasted cell names, by letter or by name; null when a part is unknown. */
export function readCell(text: string, types: ShiftType[]): ShiftType[] | null {
  const usable = types.filter((type) => !type.archived);
  const find = (word: string): ShiftType | undefined => {
    const want = word.toLocaleUpperCase();
    return usable.find((type) =>
      [type.letter, type.name.zh, type.name.en].some((name) => name.toLocaleUpperCase() === want),
    );
  };
  const whole = text.trim();
  const direct = find(whole);
  if (direct) return [direct];
  if (REST.has(whole.toLocaleUpperCase())) return [];
  const parts = whole.split(/[+/、,，]/).map((part) => find(part.trim()));
  return parts.every((part) => part !== undefined) ? (parts as ShiftType[]) : null;
}

/**
 * The cells a paste fills: a single value fills the whole selection, a block starts at its top left corner and is cut at
 * the edge of the grid.
 */
export function pasted(
  block: string[][],
  selection: Rect,
  rows: number,
  cols: number,
): { cell: Cell; text: string }[] {
  if (block.length === 1 && block[0]!.length === 1)
    return cellsOf(selection).map((cell) => ({ cell, text: block[0]![0]! }));
  return block.flatMap((line, r) =>
    line
      .map((text, c) => ({ cell: { row: selection.top + r, col: selection.left + c }, text }))
      .filter(({ cell }) => cell.row < rows && cell.col < cols),
  );
}
