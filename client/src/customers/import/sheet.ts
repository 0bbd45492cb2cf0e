/** The rows that an import has left out, as a sheet that can be put right and imported once more. Pure. */
import type { Locale } from "../../gen/api";
import type { Fault } from "./events";

/** Our own two columns lead. They are known again by these words, in whichever language the sheet was written. */
const OWN: Record<Locale, readonly [string, string]> = {
  "zh-CN": ["原表行号", "略过原因"],
  en: ["Line of the file", "Left out because"],
};
/** Beyond these a spreadsheet rounds a number, or drops its zeros: the trade writes order numbers as `="…"`. */
const DIGITS = /^(?:\d{12,}|0\d+)$/;
/** A spreadsheet would run these as formulas; a leading `'` makes them text, and is taken off again at the import. */
const FORMULA = /^[=+\-@\t\r]/;
const XLSX = [0x50, 0x4b, 0x03, 0x04];

const quoted = (cell: string): string => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
const kept = (cell: string): string =>
  DIGITS.test(cell) ? `="${cell}"` : FORMULA.test(cell) ? `'${cell}` : cell;
const lines = (rows: readonly (readonly string[])[]): string =>
  `\ufeff${rows.map((row) => `${row.map(quoted).join(",")}\r\n`).join("")}`;

/** CSV with a byte-order mark, without which Chinese spreadsheet programs do not read UTF-8. */
export function sheetOf(
  left: readonly Fault[],
  headers: readonly string[],
  locale: Locale,
  why: (what: string) => string,
): string {
  const rows = left.map((fault) => [String(fault.line), why(fault.what), ...fault.cells.map(kept)]);
  return lines([[...OWN[locale], ...headers], ...rows]);
}

/** The rows of a CSV text. */
export function* rowsOf(text: string): Generator<string[]> {
  let row: string[] = [];
  let cell = "";
  let inside = false;
  for (let at = text.startsWith("\ufeff") ? 1 : 0; at < text.length; at++) {
    const sign = text[at]!;
    if (inside) {
      if (sign !== '"') cell += sign;
      else if (text[at + 1] === '"') {
        cell += '"';
        at++;
      } else inside = false;
    } else if (sign === '"' && cell === "") inside = true;
    else if (sign === ",") {
      row.push(cell);
      cell = "";
    } else if (sign === "\n" || sign === "\r") {
      if (sign === "\r" && text[at + 1] === "\n") at++;
      yield [...row, cell];
      row = [];
      cell = "";
    } else cell += sign;
  }
  if (cell !== "" || row.length > 0) yield [...row, cell];
}

/** The text of a file's beginning, or of all of it, as the server reads it; null for a spreadsheet that is no text. */
export function textOf(bytes: Uint8Array): string | null {
  if (XLSX.every((byte, at) => bytes[at] === byte)) return null;
  try {
    // As a stream: the beginning may end inside a letter.
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
  } catch {
    return new TextDecoder("gb18030").decode(bytes, { stream: true });
  }
}

/** The names of the columns. */
export const headersOf = (text: string): string[] => [...(rowsOf(text).next().value ?? [])];

export const isOwn = (headers: readonly string[]): boolean =>
  Object.values(OWN).some((names) => names.every((name, at) => headers[at]?.trim() === name));

/** A sheet of ours without its own two columns: the file as it was, corrected. */
export const withoutOwn = (text: string): string =>
  lines([...rowsOf(text)].map((row) => row.slice(2)).filter((row) => row.some((cell) => cell !== "")));
