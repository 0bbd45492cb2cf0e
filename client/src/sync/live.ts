import type { Timers } from "../core/timers";

export interface LiveDeps {
  open(signal: AbortSignal): Promise<Response>;
  timers: Timers;
  /** 0 to 1. */
  random(): number;
  /** Something is new; without an order: the line was down, so anything may be. */
  onPoke(order?: number): void;
}

/** The server writes a heartbeat every 25 s; after this long without a byte the line is dead. */
const SILENCE_MS = 60_000;
const RETRY_MIN_MS = 1_000;
const RETRY_MAX_MS = 60_000;

/**
 * The server's hints, over a streaming fetch because EventSource cannot carry the token. It is only a hint: nothing
 * depends on it, and phones cut it without telling us.
 */
export class Live {
  private abort: AbortController | null = null;
  private failures = 0;
  private cancelRetry: () => void = () => {};
  private cancelWatch: () => void = () => {};

  constructor(private readonly deps: LiveDeps) {}

  set(on: boolean): void {
    if (on === (this.abort !== null)) return;
    if (on) {
      this.failures = 0;
      void this.connect();
    } else {
      this.close();
    }
  }

  /** After a sleep the old line may be dead without a sign. */
  restart(): void {
    if (!this.abort) return;
    this.close();
    this.set(true);
  }

  private close(): void {
    this.cancelRetry();
    this.cancelWatch();
    this.abort?.abort();
    this.abort = null;
  }

  private async connect(): Promise<void> {
    const abort = new AbortController();
    this.abort = abort;
    this.watch(abort);
    try {
      const response = await this.deps.open(abort.signal);
      if (!response.ok || !response.body) throw new Error("no stream");
      this.failures = 0;
      this.deps.onPoke();
      await this.read(response.body, abort);
    } catch {
      // Whatever cut the line, it is tried again below.
    }
    if (this.abort !== abort) return;
    abort.abort();
    this.cancelWatch();
    const full = Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** this.failures++);
    this.cancelRetry = this.deps.timers.after(
      full * (0.5 + this.deps.random() / 2),
      () => void this.connect(),
    );
  }

  private async read(body: ReadableStream<Uint8Array>, abort: AbortController): Promise<void> {
    const reader = body.getReader();
    const decoder = new TextDecoder();
    let rest = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done || this.abort !== abort) return;
      this.watch(abort);
      const lines = (rest + decoder.decode(value, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) if (line.startsWith("data:")) this.poke(line.slice(5));
    }
  }

  private poke(text: string): void {
    try {
      const { order } = JSON.parse(text) as { order?: unknown };
      this.deps.onPoke(typeof order === "number" ? order : undefined);
    } catch {
      this.deps.onPoke();
    }
  }

  private watch(abort: AbortController): void {
    this.cancelWatch();
    this.cancelWatch = this.deps.timers.after(SILENCE_MS, () => abort.abort());
  }
}
