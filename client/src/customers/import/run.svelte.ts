/** The import that is under way on this device: it goes on while its person looks at other pages. One at a time. */
import { codeOf, jsonOf, Unreachable } from "../../core/http";
import { language } from "../../core/i18n";
import type { ImportPreview } from "../../gen/api";
import { fileName, offer } from "../../lib/download";
import { session } from "../../lib/session.svelte";
import { BEGUN, follow, Lines, type Progress } from "./events";
import { sheetOf } from "./sheet";

/** The server's limit, in bytes. */
const SIZE_MAX = 512 * 1024 * 1024;

/** cut: the connection was lost; halted: its person stopped it. */
export type Outcome = "done" | "stopped" | "cut" | "halted";

interface Run {
  at: "idle" | "reading" | "read" | "running" | "ended";
  user_id: string | undefined;
  name: string;
  bytes: Blob | null;
  team_id: string;
  shop_id: string;
  preview: ImportPreview | null;
  progress: Progress;
  outcome: Outcome | null;
  /** Why the file could not be read, or the import not begin. */
  code: string | null;
}

const IDLE: Run = {
  at: "idle",
  user_id: undefined,
  name: "",
  bytes: null,
  team_id: "",
  shop_id: "",
  preview: null,
  progress: BEGUN,
  outcome: null,
  code: null,
};

let run = $state.raw<Run>(IDLE);
let abort = new AbortController();

const set = (change: Partial<Run>): void => void (run = { ...run, ...change });

/** Closing the page would stop it half-way. */
const warn = (event: BeforeUnloadEvent): void => event.preventDefault();

export const importing = {
  /** What this person is importing; somebody else begins with nothing. */
  get run(): Run {
    return run.user_id === session.user?.id ? run : IDLE;
  },

  async read(file: File): Promise<void> {
    importing.reset();
    const own = abort;
    const user_id = session.user?.id;
    set({ at: "reading", user_id, name: file.name });
    try {
      if (file.size > SIZE_MAX) throw new Oversize();
      await file.slice(0, 1).arrayBuffer().catch(gone);
      const reply = await session.open("/api/v1/imports/preview", {
        method: "POST",
        body: file,
        headers: { "content-type": "application/octet-stream" },
        signal: own.signal,
      });
      const preview = await jsonOf<ImportPreview>(reply);
      if (own === abort) set({ at: "read", bytes: file, preview });
    } catch (error) {
      if (own === abort) set({ at: "idle", code: reasonOf(error) });
    }
  },

  /** Once more after it was cut: what is known already stays as it is. */
  async start(team_id: string, shop_id: string): Promise<void> {
    const { bytes } = run;
    if (!bytes || run.at === "running") return;
    const own = (abort = new AbortController());
    set({ at: "running", team_id, shop_id, progress: BEGUN, outcome: null, code: null });
    addEventListener("beforeunload", warn);
    try {
      const query = new URLSearchParams({ team_id, ...(shop_id ? { shop_id } : {}) });
      const reply = await session.open(`/api/v1/imports?${query.toString()}`, {
        method: "POST",
        body: bytes,
        headers: { "content-type": "application/octet-stream" },
        signal: own.signal,
      });
      if (!reply.ok) await jsonOf(reply);
      const { done, stopped } = await listen(reply, own);
      if (own === abort) set({ at: "ended", outcome: done ? "done" : stopped ? "stopped" : "cut" });
    } catch (error) {
      if (own !== abort) return;
      const code = reasonOf(error);
      // Refused before anything was done: the choice can be changed and tried again.
      if (code !== "unavailable" && !own.signal.aborted) set({ at: "read", code });
      else set({ at: "ended", outcome: own.signal.aborted ? "halted" : "cut" });
    } finally {
      if (own === abort) removeEventListener("beforeunload", warn);
    }
  },

  /** The part under way is still finished by the server. */
  stop(): void {
    abort.abort();
  },

  /** Gives the file back; what was running is stopped. */
  reset(): void {
    abort.abort();
    abort = new AbortController();
    removeEventListener("beforeunload", warn);
    run = IDLE;
  },

  /** The rows that were left out so far, to be put right in a spreadsheet. */
  saveLeft(title: string, why: (what: string) => string): void {
    const sheet = sheetOf(run.progress.left, run.preview?.headers ?? [], language(), why);
    const name = fileName(run.name.replace(/\.[^.]*$/, ""));
    offer(new Blob([sheet], { type: "text/csv;charset=utf-8" }), `${name}_${title}.csv`);
  },
};

class Oversize extends Error {}
/** The file was moved or changed since it was chosen. */
class Unreadable extends Error {}

function gone(): never {
  throw new Unreadable();
}

function reasonOf(error: unknown): string {
  if (error instanceof Oversize) return "too_large";
  return error instanceof Unreadable ? "unreadable" : codeOf(error);
}

async function listen(reply: Response, own: AbortController): Promise<Progress> {
  const reader = reply.body?.getReader();
  const lines = new Lines();
  let progress = BEGUN;
  for (;;) {
    const { done, value } = await read(reader);
    if (done || !value) return progress;
    // Somebody else has signed in on this device.
    if (run.user_id !== session.user?.id) own.abort();
    progress = follow(progress, lines.take(value));
    if (own === abort) set({ progress });
    if (progress.done || progress.stopped) return progress;
  }
}

async function read(
  reader: ReadableStreamDefaultReader<Uint8Array> | undefined,
): Promise<{ done: boolean; value?: Uint8Array | undefined }> {
  if (!reader) throw new Unreachable();
  try {
    return await reader.read();
  } catch {
    throw new Unreachable();
  }
}
