import { codeOf, Unreachable } from "../core/http";

export type Shown<T> =
  { at: "loading" } | { at: "shown"; value: T } | { at: "offline" } | { at: "failed"; code: string };

/** Something read from the server. What is on the screen stays there while it is read again, and when that fails. */
export class Reading<T> {
  shown = $state.raw<Shown<T>>({ at: "loading" });
  /** What was read last is older than the last question. */
  private isBehind = false;
  private latest = 0;
  private read: (() => Promise<T>) | null = null;

  /** `onkept` hears why what is shown could not be read again. */
  constructor(private readonly onkept: (code: string) => void = () => {}) {}

  /** Another question: nothing of the former answer is shown. */
  begin(read: () => Promise<T>): void {
    this.read = read;
    this.shown = { at: "loading" };
    void this.run(read);
  }

  /** The same question once more. */
  again(): void {
    if (!this.read) return;
    if (this.shown.at !== "shown") this.shown = { at: "loading" };
    void this.run(this.read);
  }

  /** The network is back: asks for what could not be had without it. */
  online(): void {
    if (this.shown.at === "offline" || this.isBehind) this.again();
  }

  /** An answer that is still to come is of no use any more. */
  giveUp(): void {
    this.latest++;
  }

  private async run(read: () => Promise<T>): Promise<void> {
    const turn = ++this.latest;
    this.isBehind = false;
    let next: Shown<T>;
    let code = "";
    try {
      next = { at: "shown", value: await read() };
    } catch (error) {
      code = codeOf(error);
      next = error instanceof Unreachable ? { at: "offline" } : { at: "failed", code };
    }
    // An answer that was overtaken by a later question is of no use.
    if (turn !== this.latest) return;
    if (next.at === "shown" || this.shown.at !== "shown") {
      this.shown = next;
    } else {
      this.isBehind = true;
      this.onkept(code);
    }
  }
}
