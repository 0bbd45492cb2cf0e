import { describe, expect, it } from "vitest";
import { FakeTime } from "./kit/world";
import { Live } from "./live";

async function rest(): Promise<void> {
  for (let i = 0; i < 30; i++) await Promise.resolve();
}

function setUp(answer?: () => Response) {
  const time = new FakeTime();
  const pokes: (number | undefined)[] = [];
  const lines: { write(text: string): void; end(): void; signal: AbortSignal }[] = [];
  const live = new Live({
    async open(signal) {
      if (answer) {
        lines.push({ write: () => {}, end: () => {}, signal });
        return answer();
      }
      let controller!: ReadableStreamDefaultController<Uint8Array>;
      const body = new ReadableStream<Uint8Array>({ start: (c) => void (controller = c) });
      signal.addEventListener("abort", () => controller.error(new Error("aborted")));
      const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
      lines.push({
        write: (text) => controller.enqueue(encode(text)),
        end: () => controller.close(),
        signal,
      });
      return new Response(body);
    },
    timers: time,
    random: () => 1,
    onPoke: (order) => pokes.push(order),
  });
  return { time, pokes, lines, live };
}

describe("the live line", () => {
  it("pokes when it opens, for what was missed, and for each event", async () => {
    const { pokes, lines, live } = setUp();
    live.set(true);
    await rest();
    lines[0]!.write('event: poke\ndata: {"ord');
    await rest();
    lines[0]!.write('er": 7}\n\n: heartbeat\n\nevent: poke\ndata: {"order":8}\n\n');
    await rest();
    lines[0]!.write("data: nonsense\n\n");
    await rest();
    expect(pokes).toEqual([undefined, 7, 8, undefined]);
  });

  it("opens again when it was cut, slower each time it fails", async () => {
    const { time, lines, live } = setUp(() => new Response("busy", { status: 503 }));
    live.set(true);
    await rest();
    const opened: number[] = [];
    for (let s = 0; s < 8; s++) {
      time.pass(1_000);
      await rest();
      opened.push(lines.length);
    }
    expect(opened).toEqual([2, 2, 3, 3, 3, 3, 4, 4]);
  });

  it("takes a minute of silence for a dead line", async () => {
    const { time, lines, live } = setUp();
    live.set(true);
    await rest();
    time.pass(50_000);
    lines[0]!.write(": heartbeat\n");
    await rest();
    time.pass(50_000);
    await rest();
    expect(lines[0]!.signal.aborted).toBe(false);
    time.pass(11_000);
    await rest();
    time.pass(2_000);
    await rest();
    expect(lines[0]!.signal.aborted).toBe(true);
    expect(lines).toHaveLength(2);
  });

  it("is closed while nobody looks, and makes a new start after a sleep", async () => {
    const { time, lines, live } = setUp();
    live.set(true);
    await rest();
    live.restart();
    await rest();
    expect(lines.map((line) => line.signal.aborted)).toEqual([true, false]);
    live.set(false);
    live.restart();
    await rest();
    time.pass(120_000);
    await rest();
    expect(lines.map((line) => line.signal.aborted)).toEqual([true, true]);
  });
});
