/** Which cell of the grid has the focus, which rectangle is selected, and where a fill handle is being pulled. */
import { cellsOf, inRect, rectOf, stretched, type Cell, type Rect } from "./grid";

export class Selection {
  #focus = $state.raw<Cell>({ row: 0, col: 0 });
  #anchor = $state.raw<Cell>({ row: 0, col: 0 });
  #pull = $state.raw<Cell | null>(null);
  readonly #size: () => { rows: number; cols: number };

  constructor(size: () => { rows: number; cols: number }) {
    this.#size = size;
  }

  /** People may leave the grid while a cell of theirs has the focus. */
  #inside(cell: Cell): Cell {
    const { rows, cols } = this.#size();
    return { row: Math.max(0, Math.min(cell.row, rows - 1)), col: Math.max(0, Math.min(cell.col, cols - 1)) };
  }

  get focus(): Cell {
    return this.#inside(this.#focus);
  }
  get rect(): Rect {
    return rectOf(this.#inside(this.#anchor), this.focus);
  }
  get cells(): Cell[] {
    return cellsOf(this.rect);
  }
  get single(): boolean {
    return this.cells.length === 1;
  }
  has(row: number, col: number): boolean {
    return inRect(this.rect, row, col);
  }

  to(cell: Cell, extend = false): void {
    this.#focus = cell;
    if (!extend) this.#anchor = cell;
  }
  all(): void {
    const { rows, cols } = this.#size();
    this.#anchor = { row: 0, col: 0 };
    this.#focus = { row: rows - 1, col: cols - 1 };
  }

  /** While the handle is pulled: the rectangle it would fill. */
  get pulled(): Rect | null {
    return this.#pull && stretched(this.rect, this.#pull);
  }
  pull(cell: Cell | null): void {
    this.#pull = cell;
  }
  /** Takes the pulled rectangle as the selection. */
  settle(): void {
    const rect = this.pulled;
    this.#pull = null;
    if (!rect) return;
    this.#anchor = { row: rect.top, col: rect.left };
    this.#focus = { row: rect.bottom, col: rect.right };
  }
}
