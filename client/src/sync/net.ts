import { problemOf } from "../core/http";
import type { RefusalCode } from "../gen/api";
import type { Mutation, PullReply, PushResult } from "./types";

export interface PushBody {
  pushVersion: 1;
  clientGroupID: string;
  profileID: string;
  schemaVersion: string;
  mutations: Mutation[];
}

export interface PullBody {
  pullVersion: 1;
  clientGroupID: string;
  cookie: unknown;
  profileID: string;
  schemaVersion: string;
}

export interface StateError {
  error: "ClientStateNotFound" | "VersionNotSupported";
}

/**
 * - offline: nobody answered, or somebody who is not our server
 * - busy: later (429, 503, 5xx); `after` ms if it said so
 * - auth: not signed in, and refreshing was refused
 * - forbidden: our server does not let this user use this client group
 * - too_large, bad: something in this request will never be taken, by our server or by a filter on the way
 * - refused: not the fault of what was sent
 */
export type Trouble = "offline" | "busy" | "auth" | "forbidden" | "too_large" | "bad" | "refused";

export interface Failure {
  ok: false;
  why: Trouble;
  after?: number;
  /** It may have taken a part of what was sent. */
  partly?: boolean;
  /** The refusal code, when our server gave one. A proxy's refusal has none. */
  code?: RefusalCode;
}

export type Answer<T> = { ok: true; body: T } | Failure;

export interface Net {
  push(body: PushBody): Promise<Answer<{ results: PushResult[] } | StateError>>;
  pull(body: PullBody): Promise<Answer<PullReply | StateError>>;
}

export class HttpNet implements Net {
  constructor(private readonly api: (path: string, init: RequestInit) => Promise<Response>) {}

  push(body: PushBody): Promise<Answer<{ results: PushResult[] } | StateError>> {
    return this.post("/api/sync/push", body, (reply) =>
      Array.isArray((reply as { results?: unknown }).results),
    );
  }

  pull(body: PullBody): Promise<Answer<PullReply | StateError>> {
    return this.post("/api/sync/pull", body, (reply) => {
      const { patch, lastMutationIDChanges } = reply as Partial<PullReply>;
      return Array.isArray(patch) && typeof lastMutationIDChanges === "object";
    });
  }

  private async post<T>(path: string, body: unknown, sound: (reply: object) => boolean): Promise<Answer<T>> {
    let response: Response;
    try {
      const headers = { "content-type": "application/json" };
      response = await this.api(path, { method: "POST", headers, body: JSON.stringify(body) });
    } catch {
      return { ok: false, why: "offline" };
    }
    if (!response.ok) return failure(response);
    try {
      const reply: unknown = await response.json();
      if (typeof reply === "object" && reply !== null && ("error" in reply || sound(reply))) {
        return { ok: true, body: reply as T };
      }
    } catch {
      // A page of a captive portal, or an answer cut short.
    }
    return { ok: false, why: "offline" };
  }
}

async function failure(response: Response): Promise<Failure> {
  const code = (await problemOf(response))?.code as RefusalCode | undefined;
  const after = retryAfter(response);
  const made = (why: Trouble): Failure => ({
    ok: false,
    why,
    ...(code ? { code } : {}),
    ...(after === undefined ? {} : { after }),
    ...(response.status === 503 ? { partly: true } : {}),
  });
  switch (response.status) {
    case 401:
      return made(code ? "auth" : "offline");
    case 403:
      return made(code ? "forbidden" : "bad");
    case 404:
    case 410:
      return made("refused");
    case 400:
    case 422:
      return made("bad");
    case 413:
      return made("too_large");
    case 408:
    case 425:
    case 429:
      return made("busy");
    default:
      if (response.status >= 500) return made("busy");
      return made(code ? "refused" : "bad");
  }
}

/** Seconds or an HTTP date; only the seconds are read, our server writes nothing else. */
function retryAfter(response: Response): number | undefined {
  const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
  return Number.isFinite(seconds) ? Math.max(0, seconds) * 1000 : undefined;
}
