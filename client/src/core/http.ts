import type { Timers } from "./timers";
import type { Problem } from "./wire";

/** The server understood and said no; `code` is a key of the refusal texts. */
export class Refused extends Error {
  constructor(
    readonly code: string,
    readonly status: number,
    /** What to tell the people who run the server. */
    readonly requestId: string | null = null,
  ) {
    super(code);
    this.name = "Refused";
  }
}

/** Nobody who is our server answered. */
export class Unreachable extends Error {
  constructor() {
    super("unreachable");
    this.name = "Unreachable";
  }
}

/** The problem body of an answer, or null when it is not from our server (a proxy, a hotel's sign-in page). */
export async function problemOf(response: Response): Promise<Problem | null> {
  if (!response.headers.get("content-type")?.includes("json")) return null;
  try {
    const body: unknown = await response.json();
    return typeof (body as Problem | null)?.code === "string" ? (body as Problem) : null;
  } catch {
    return null;
  }
}

/** The JSON of a good answer; throws Refused or Unreachable otherwise. */
export async function jsonOf<T>(response: Response): Promise<T> {
  if (!response.ok) {
    const problem = await problemOf(response);
    if (problem) throw new Refused(problem.code, response.status, problem.request_id ?? null);
    if (response.status >= 500) throw new Refused("unavailable", response.status);
    throw new Refused("internal", response.status);
  }
  if (response.status === 204) return undefined as T;
  try {
    return (await response.json()) as T;
  } catch {
    throw new Unreachable();
  }
}

/**
 * `fetch` with the whole body read, given up after `ms`. AbortSignal.timeout is too young for the phones we serve,
 * and a body that stops half-way must not hold up the queue for ever.
 */
export async function fetchWithin(
  fetcher: typeof fetch,
  timers: Timers,
  ms: number,
  path: string,
  init: RequestInit = {},
): Promise<Response> {
  const abort = new AbortController();
  const cancel = timers.after(ms, () => abort.abort());
  try {
    const { status, headers, ...answer } = await read(await fetcher(path, { ...init, signal: abort.signal }));
    return new Response(answer.body, { status, headers });
  } catch {
    throw new Unreachable();
  } finally {
    cancel();
  }
}

async function read(
  response: Response,
): Promise<{ status: number; headers: Headers; body: ArrayBuffer | null }> {
  const { status, headers } = response;
  const bytes = await response.arrayBuffer();
  // A Response of these may not be made with a body, not even an empty one.
  return { status, headers, body: [204, 205, 304].includes(status) ? null : bytes };
}

/** The code of whatever was thrown, for `refusal()`; a lost connection is "unavailable". */
export function codeOf(error: unknown): string {
  if (error instanceof Refused) return error.code;
  return error instanceof Unreachable ? "unavailable" : "internal";
}
