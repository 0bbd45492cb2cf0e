import { fetchWithin, jsonOf, problemOf, Refused, Unreachable } from "../core/http";
import type { Timers } from "../core/timers";
import type { LoginReply, SessionUser, SessionWorkspace } from "../core/wire";

/** Who is signed in on this device; kept on disk so that the app opens without a network. */
export interface Profile {
  user: SessionUser;
  workspace: SessionWorkspace;
  device_id: string;
}

export interface SessionDeps {
  fetch: typeof fetch;
  timers: Timers;
  now(): number;
  load(): Profile | null;
  save(profile: Profile | null): void;
  /** Runs `task` while no other tab of this device does; refresh tokens change with each use. */
  alone<T>(task: () => Promise<T>): Promise<T>;
}

/** none: nobody is known here; in: known, and not refused; out: the server has ended the session. */
export type SessionState = "none" | "in" | "out";

const TIMEOUT_MS = 30_000;
const EARLY_MS = 15_000;

export class Session {
  profile: Profile | null;
  state: SessionState;
  /** Why the server ended the session. */
  reason: string | null = null;
  onChange: () => void = () => {};

  /** Only in memory: a stolen disk holds no key. The refresh cookie is out of reach of scripts. */
  private token: string | null = null;
  private expires = 0;
  private refreshing: Promise<void> | null = null;

  constructor(private readonly deps: SessionDeps) {
    this.profile = deps.load();
    this.state = this.profile ? "in" : "none";
  }

  /**
   * A request with the session's token, refreshed when it has run out. Throws Unreachable when no server answers;
   * every answer, 401 included, is returned.
   */
  api(path: string, init: RequestInit = {}): Promise<Response> {
    return this.authorised((token) => this.send(path, init, token));
  }

  /** An open-ended answer, such as the event stream: no time limit but the caller's own signal. */
  async stream(path: string, signal: AbortSignal): Promise<Response> {
    const token = await this.currentToken();
    const headers = { accept: "text/event-stream", ...(token ? { authorization: `Bearer ${token}` } : {}) };
    return this.deps.fetch(path, { headers, signal, cache: "no-store" });
  }

  /**
   * As `api`, for bodies that are large and answers that are read while they arrive: without a time limit but the
   * caller's own signal. A request that is given up throws Unreachable, too.
   */
  open(path: string, init: RequestInit): Promise<Response> {
    return this.authorised(async (token) => {
      try {
        return await this.deps.fetch(path, { cache: "no-store", ...init, headers: withToken(init, token) });
      } catch {
        throw new Unreachable();
      }
    });
  }

  async json<T>(path: string, init?: RequestInit): Promise<T> {
    return jsonOf<T>(await this.api(path, init));
  }

  /** Sign-in, first set-up and the acceptance of an invitation all answer alike. */
  async enter(path: string, body: Record<string, unknown>): Promise<void> {
    const init = {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    };
    this.adopt(await jsonOf<LoginReply>(await this.send(path, init, null)));
  }

  /** Another tab may have signed in again since the server ended this session. */
  async retry(): Promise<void> {
    if (this.state !== "out") return;
    try {
      await this.refresh();
    } catch {
      // Still out.
    }
  }

  /** Ends the session here at once, and on the server if it can be reached. */
  async leave(): Promise<void> {
    const token = this.token;
    this.token = null;
    this.profile = null;
    this.state = "none";
    this.deps.save(null);
    this.onChange();
    try {
      await this.send("/api/auth/logout", { method: "POST" }, token);
    } catch {
      // The cookie stays until it expires; a new sign-in replaces it.
    }
  }

  private async authorised(request: (token: string | null) => Promise<Response>): Promise<Response> {
    const used = await this.currentToken();
    const response = await request(used);
    if (response.status !== 401 || this.state !== "in") return response;
    // Another request may have refreshed meanwhile.
    if (this.token === used) await this.refresh();
    return this.token && this.token !== used ? request(this.token) : response;
  }

  private async currentToken(): Promise<string | null> {
    if (this.state === "in" && (!this.token || this.deps.now() > this.expires - EARLY_MS))
      await this.refresh();
    return this.token;
  }

  private refresh(): Promise<void> {
    this.refreshing ??= this.deps.alone(() => this.exchange()).finally(() => (this.refreshing = null));
    return this.refreshing;
  }

  private async exchange(): Promise<void> {
    const response = await this.send("/api/auth/refresh", { method: "POST" }, null);
    if (response.status === 401 || response.status === 403) {
      const problem = await problemOf(response);
      // A proxy's own 401 says nothing of our session.
      if (!problem) throw new Unreachable();
      this.token = null;
      this.state = "out";
      this.reason = problem.code;
      this.onChange();
      return;
    }
    try {
      this.adopt(await jsonOf<LoginReply>(response));
    } catch (error) {
      if (error instanceof Refused) throw new Unreachable();
      throw error;
    }
  }

  private adopt(reply: LoginReply): void {
    this.token = reply.access_token;
    this.expires = this.deps.now() + reply.expires_in * 1000;
    this.profile = { user: reply.user, workspace: reply.workspace, device_id: reply.device_id };
    this.state = "in";
    this.reason = null;
    this.deps.save(this.profile);
    this.onChange();
  }

  private send(path: string, init: RequestInit, token: string | null): Promise<Response> {
    return fetchWithin(this.deps.fetch, this.deps.timers, TIMEOUT_MS, path, {
      cache: "no-store",
      ...init,
      headers: withToken(init, token),
    });
  }
}

function withToken(init: RequestInit, token: string | null): Headers {
  const headers = new Headers(init.headers);
  if (token) headers.set("authorization", `Bearer ${token}`);
  return headers;
}
