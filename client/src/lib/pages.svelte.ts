/** How much of a list is on the screen: thousands of rows at once would hold up a phone. */
const AT_ONCE = 100;

export class Pages {
  #size = $state(AT_ONCE);

  first<T>(rows: readonly T[]): readonly T[] {
    return rows.length > this.#size ? rows.slice(0, this.#size) : rows;
  }

  /** How many rows are not shown. */
  left = (rows: readonly unknown[]): number => Math.max(0, rows.length - this.#size);

  more = (): void => void (this.#size += AT_ONCE);
}
