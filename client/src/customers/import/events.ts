/** The answer to an import: a line of JSON per event, as it arrives, and how far the import has come. Pure. */
import type { ImportEvent, RefusalCode } from "../../gen/api";

type Of<K extends string> = Extract<ImportEvent, Record<K, unknown>>[K &
  keyof Extract<ImportEvent, Record<K, unknown>>];
export type Fault = Of<"fault">;
export type Done = Of<"done">;

/** Puts the pieces of a stream together again, whose cuts lie anywhere, also inside a letter. */
export class Lines {
  private rest = "";
  private readonly decoder = new TextDecoder();

  /**
   * The events that are complete with this piece.
   * @throws SyntaxError for what is no JSON: then it is not our server that answers.
   */
  take(piece: Uint8Array): ImportEvent[] {
    const lines = (this.rest + this.decoder.decode(piece, { stream: true })).split("\n");
    // What stands behind the last line break is not whole yet, or never will be: the line was cut.
    this.rest = lines.pop() ?? "";
    return lines.filter((line) => line.trim() !== "").map((line) => JSON.parse(line) as ImportEvent);
  }
}

export interface Progress {
  /** Rows of the file that were looked at. */
  rows: number;
  /** How many of them were left out. */
  faults: number;
  left: readonly Fault[];
  done: Done | null;
  stopped: RefusalCode | null;
}

export const BEGUN: Progress = { rows: 0, faults: 0, left: [], done: null, stopped: null };

/** How far it is after these events; those of a newer server are passed over. */
export function follow(before: Progress, events: readonly ImportEvent[]): Progress {
  const after = { ...before };
  const left: Fault[] = [];
  for (const event of events) {
    if ("fault" in event) left.push(event.fault);
    else if ("done" in event) after.done = event.done;
    else if ("stopped" in event) after.stopped = event.stopped;
    if ("rows" in event) after.rows = event.rows;
  }
  if (after.done) after.rows = after.done.rows;
  if (left.length > 0) after.left = [...before.left, ...left];
  after.faults = after.done?.faults ?? after.left.length;
  return after;
}
