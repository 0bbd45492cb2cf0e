import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Unreachable } from "../../core/http";
import type { ImportPreview } from "../../gen/api";
import { importing } from "./run.svelte";

const { open, user } = vi.hoisted(() => ({
  open: vi.fn<(path: string, init: RequestInit) => Promise<Response>>(),
  user: { id: "zhou" },
}));
vi.mock("../../lib/session.svelte", () => ({ session: { open, user } }));

const preview: ImportPreview = {
  layout: "Dutyboard, 7",
  nearest: null,
  headers: ["昵称", "手机"],
  rows: 2500,
  faults: 1,
  sample: [],
  first_faults: [{ line: 4, what: "phone" }],
};
const FILE = new File(["昵称,手机\n小鹿,13800001111\n"], "buyers.csv");

let wire: ReadableStreamDefaultController<Uint8Array>;
let signal: AbortSignal;
const send = (event: unknown): void => wire.enqueue(new TextEncoder().encode(`${JSON.stringify(event)}\n`));

/** The server: a preview at once, an import whose events the test sends. */
function serve(path: string, init: RequestInit): Promise<Response> {
  if (path.endsWith("/preview")) return Promise.resolve(Response.json(preview));
  signal = init.signal!;
  const body = new ReadableStream<Uint8Array>({ start: (controller) => void (wire = controller) });
  signal.addEventListener("abort", () => wire.error(new Error("aborted")));
  return Promise.resolve(new Response(body));
}

const settle = (): Promise<void> => new Promise((done) => setTimeout(done, 0));
const tell = async (...events: unknown[]): Promise<void> => {
  for (const event of events) send(event);
  await settle();
};

let guards: Set<unknown>;
beforeEach(() => {
  guards = new Set();
  vi.stubGlobal("addEventListener", (_: string, guard: unknown) => guards.add(guard));
  vi.stubGlobal("removeEventListener", (_: string, guard: unknown) => guards.delete(guard));
  user.id = "zhou";
  open.mockReset().mockImplementation(serve);
});
afterEach(() => {
  importing.reset();
  vi.unstubAllGlobals();
});

it("reads a file, follows the import, and ends with what came of it", async () => {
  await importing.read(FILE);
  expect(importing.run).toMatchObject({ at: "read", name: "buyers.csv", preview });
  const running = importing.start("t", "s");
  await settle();
  expect(open.mock.lastCall![0]).toBe("/api/v1/imports?team_id=t&shop_id=s");
  expect([importing.run.at, guards.size]).toEqual(["running", 1]);
  await tell({ rows: 1000, faults: 0 }, { fault: { line: 4, what: "phone", cells: ["a", "b"] } });
  expect(importing.run.progress).toMatchObject({ rows: 1000, faults: 1 });
  await tell({ done: { layout: "x", rows: 2500, faults: 1, new_buyers: 9, new_orders: 0 } });
  await running;
  expect(importing.run).toMatchObject({
    at: "ended",
    outcome: "done",
    progress: { done: { new_buyers: 9 } },
  });
  expect(guards.size).toBe(0);
});

it("says how far it came when the line is cut, and begins again with the same file", async () => {
  await importing.read(FILE);
  const running = importing.start("t", "");
  await settle();
  await tell({ rows: 1000, faults: 0 });
  wire.error(new Error("network"));
  await running;
  expect(importing.run).toMatchObject({ at: "ended", outcome: "cut", progress: { rows: 1000 } });
  // An answer that ends without an end was cut, too.
  const again = importing.start("t", "");
  await settle();
  wire.close();
  await again;
  expect(importing.run).toMatchObject({ outcome: "cut", progress: { rows: 0 } });
});

it("stops when it is told to, when the server does, and when somebody else signs in", async () => {
  await importing.read(FILE);
  const halted = importing.start("t", "");
  await settle();
  importing.stop();
  await halted;
  expect([signal.aborted, importing.run.outcome]).toEqual([true, "halted"]);
  const stopped = importing.start("t", "");
  await settle();
  await tell({ stopped: "storage_full" });
  await stopped;
  expect(importing.run).toMatchObject({ outcome: "stopped", progress: { stopped: "storage_full" } });
  const left = importing.start("t", "");
  await settle();
  user.id = "li";
  await tell({ rows: 1, faults: 0 });
  await left;
  expect([signal.aborted, importing.run.at]).toEqual([true, "idle"]);
});

it("keeps the choice when the server refuses to begin, and says why a file cannot be read", async () => {
  await importing.read(FILE);
  const problem = { status: 403, headers: { "content-type": "application/problem+json" } };
  open.mockResolvedValue(new Response('{"code":"forbidden"}', problem));
  await importing.start("t", "s");
  expect(importing.run).toMatchObject({ at: "read", code: "forbidden", team_id: "t", shop_id: "s" });
  open.mockRejectedValue(new Unreachable());
  await importing.read(FILE);
  expect(importing.run).toMatchObject({ at: "idle", code: "unavailable" });
  const gone = {
    name: "x.csv",
    size: 1,
    slice: () => ({ arrayBuffer: () => Promise.reject(new Error("gone")) }),
  };
  await importing.read(gone as unknown as File);
  expect(importing.run.code).toBe("unreadable");
  await importing.read({ name: "x.csv", size: 2 ** 30 } as File);
  expect(importing.run.code).toBe("too_large");
});
