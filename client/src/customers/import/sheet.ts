/** The rows that an import has left out, as a sheet that can be put right and imported once more. Pure. */
import type { Locale } from "../../gen/api";
import type { Fault } from "./events";

/** Our own two columns lead. The server knows them again by these words, in whichever language the sheet was written. */
const OWN: Record<Locale, readonly [string, string]> = {
  "zh-CN": ["原表行号", "略过原因"],
  en: ["Line of the file", "Left out because"],
};
/** Beyond these a spreadsheet rounds a number, or drops its zeros: the trade writes order numbers as `="…"`. */
const DIGITS = /^(?:\d{12,}|0\d+)$/;
/** A spreadsheet would run these as formulas; a leading `'` makes them text, and is taken off again at the import. */
const FORMULA = /^[=+\-@\t\r]/;

const quoted = (cell: string): string => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
const kept = (cell: string): string =>
  DIGITS.test(cell) ? `="${cell}"` : FORMULA.test(cell) ? `'${cell}` : cell;

/** CSV with a byte-order mark, without which Chinese spreadsheet programs do not read UTF-8. */
export function sheetOf(
  left: readonly Fault[],
  headers: readonly string[],
  locale: Locale,
  why: (what: string) => string,
): string {
  const rows = left.map((fault) => [String(fault.line), why(fault.what), ...fault.cells.map(kept)]);
  const all = [[...OWN[locale], ...headers], ...rows];
  return `\ufeff${all.map((row) => `${row.map(quoted).join(",")}\r\n`).join("")}`;
}
