/** What the keys, the clipboard and the fill handle do to the selected cells. */
import { language, t, text } from "../core/i18n";
import { formatDay } from "../core/time";
import type { Assignment, Person, ShiftType } from "../gen/api";
import { toast } from "../lib/toast.svelte";
import { edits, type Change } from "./edits.svelte";
import { cellText, fromTsv, pasted, readCell, tiled, toTsv, type Cell, type Rect } from "./grid";
import { cellKey, toTypes, wishesOf } from "./rules";
import type { Selection } from "./selection.svelte";

export type Sheet = {
  people: Person[];
  days: string[];
  types: ShiftType[];
  cells: Map<string, Assignment[]>;
};

export class GridActions {
  constructor(
    private readonly sheet: () => Sheet,
    private readonly selection: Selection,
    private readonly say: (what: string) => void,
  ) {}

  rows({ row, col }: Cell): Assignment[] {
    const { people, days, cells } = this.sheet();
    return cells.get(cellKey(people[row]!.id, days[col]!)) ?? [];
  }

  /** What a cell says, in words, for screen readers and the status line. */
  words(
    { row, col }: Cell,
    rows: Assignment[] = this.rows({ row, col }),
  ): { name: string; day: string; what: string } {
    const { people, days } = this.sheet();
    return {
      name: people[row]!.name,
      day: formatDay(days[col]!, language()),
      what: rows.map((one) => text(one.name)).join(" + ") || t("roster.off"),
    };
  }

  change({ row, col }: Cell, to: Change["to"]): Change {
    const { people, days } = this.sheet();
    return { person_id: people[row]!.id, day: days[col]!, to };
  }

  async fill(types: ShiftType[], cells: Cell[] = this.selection.cells): Promise<boolean> {
    const names = types.map((type) => text(type.name)).join(" + ") || t("roster.off");
    const said =
      cells.length === 1
        ? t("roster.said", { ...this.words(cells[0]!), what: names })
        : t("roster.said_many", { n: cells.length });
    const ok = await edits.write(cells.map((cell) => this.change(cell, toTypes(types))));
    if (ok) this.say(said);
    return ok;
  }

  text(): string {
    const { top, bottom, left, right } = this.selection.rect;
    const lines: string[][] = [];
    for (let row = top; row <= bottom; row++) {
      const line: string[] = [];
      for (let col = left; col <= right; col++) line.push(cellText(this.rows({ row, col })));
      lines.push(line);
    }
    return toTsv(lines);
  }

  async paste(block: string): Promise<void> {
    const { people, days, types } = this.sheet();
    const unknown = new Set<string>();
    const changes: Change[] = [];
    for (const { cell, text: words } of pasted(
      fromTsv(block),
      this.selection.rect,
      people.length,
      days.length,
    )) {
      const found = readCell(words, types);
      if (found) changes.push(this.change(cell, toTypes(found)));
      else unknown.add(words);
    }
    if (unknown.size > 0)
      toast(t("roster.not_pasted", { list: [...unknown].slice(0, 5).join("、") }), { kind: "error" });
    if (changes.length === 0 || !(await edits.write(changes))) return;
    toast(t("roster.pasted", { n: changes.length }), { kind: "ok", undo: () => void edits.undo() });
  }

  /** Repeats the first row of the selection in the rows below. */
  async down(): Promise<void> {
    const { rect } = this.selection;
    await this.repeat({ ...rect, bottom: rect.top }, rect);
  }

  /** Repeats the selection over the rectangle the handle was pulled to. */
  async pulled(): Promise<void> {
    const target = this.selection.pulled;
    const source = this.selection.rect;
    this.selection.settle();
    if (target) await this.repeat(source, target);
  }

  private async repeat(source: Rect, target: Rect): Promise<void> {
    const pairs = tiled(source, target);
    if (pairs.length === 0) return;
    const changes = pairs.map(({ from, to }) => {
      const wishes = wishesOf(this.rows(from));
      return this.change(to, () => wishes);
    });
    if (await edits.write(changes)) this.say(t("roster.said_many", { n: changes.length }));
  }
}
