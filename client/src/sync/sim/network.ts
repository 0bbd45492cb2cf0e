import type { PushBody } from "../net";
import type { Mutation, PushResult } from "../types";
import type { ModelServer } from "./server";
import type { Owner, Scheduler } from "./scheduler";

export interface Reply {
  status: number;
  body: unknown;
  /** Whose body it is: our server's, or that of something on the way. */
  type?: string;
  after?: number;
  jar?: string | null;
}

/** What a phone brings along: the cookie its browser keeps. */
export interface Line {
  jar: string | null;
  online: boolean;
}

interface Request {
  path: string;
  body: string;
  bearer: string;
  jar: string | null;
  owner: Owner;
  signal: AbortSignal | undefined;
}

const CHUNK = 5;
const TOKEN_MS = 900_000;
const HEARTBEAT_MS = 25_000;

/** Answers of things between a phone and its server, given before the server has seen the request. */
const STRANGERS: Reply[] = [
  { status: 502, body: "<html>bad gateway", type: "text/html" },
  { status: 403, body: "<html>blocked", type: "text/html" },
  { status: 401, body: "<html>proxy", type: "text/html" },
  { status: 200, body: "<html>hotel", type: "text/html" },
  { status: 413, body: "<html>too large", type: "text/html" },
  { status: 400, body: "<html>bad", type: "text/html" },
  { status: 404, body: "<html>no", type: "text/html" },
  { status: 409, body: "<html>conflict", type: "text/html" },
];
/** Answers of our own server that has done nothing. */
const REFUSALS: Reply[] = [
  { status: 429, body: { code: "too_many_attempts" }, after: 7 },
  { status: 500, body: { code: "internal" } },
  { status: 503, body: { code: "unavailable" }, after: 2 },
  { status: 503, body: { code: "unavailable" } },
  { status: 413, body: { code: "too_large" } },
  { status: 409, body: { code: "conflict" } },
  { status: 403, body: { code: "forbidden" } },
  { status: 200, body: { error: "VersionNotSupported", versionType: "schema" } },
];

/** The air between phones and the server: loses, repeats, delays, cuts; and the server's HTTP side. */
export class Network {
  /** How often something goes wrong. */
  trouble = 0.25;
  /** A filter refuses everything that carries this word. */
  readonly poison = "poison";
  /** Who was ever given an answer to a pull. */
  readonly pulled = new Set<Owner>();
  readonly sessions = new Map<string, string>();
  private readonly streams: {
    user: string;
    owner: Owner;
    feed: ReadableStreamDefaultController<Uint8Array>;
  }[] = [];
  private serial = 0;

  constructor(
    private readonly scheduler: Scheduler,
    readonly server: ModelServer,
  ) {
    server.onCommit = (users) => this.poke(users);
  }

  fetcher(owner: Owner, line: Line): typeof fetch {
    return (input, init = {}) =>
      new Promise((resolve, reject) => {
        init.signal?.addEventListener("abort", () => reject(new DOMException("aborted", "AbortError")));
        this.carry(owner, line, String(input), init, resolve, () => reject(new TypeError("Failed to fetch")));
      });
  }

  private carry(
    owner: Owner,
    line: Line,
    path: string,
    init: RequestInit,
    resolve: (response: Response) => void,
    fail: () => void,
  ): void {
    const { scheduler } = this;
    const fate = (p: number): boolean => scheduler.chance(p * this.trouble);
    const delay = (): number => (fate(0.3) ? scheduler.below(40_000) : 1 + scheduler.below(200));
    const lost = (): void => void scheduler.add(`${path} fails`, delay(), fail, { owner });
    if (!line.online || owner.dead) return lost();
    const back = (reply: Reply): void => {
      const label = `${path} ${reply.status} ${short(reply.body)}`;
      if (fate(0.3)) return lost();
      const arrive = (): void => {
        if (reply.jar !== undefined) line.jar = reply.jar;
        resolve(this.response(reply, fate(0.2), init.signal ?? undefined));
      };
      scheduler.add(label, delay(), arrive, { owner });
    };
    const body = String(init.body ?? "");
    const request = (): Request => ({
      path,
      body,
      bearer: (new Headers(init.headers).get("authorization") ?? "").slice(7),
      jar: line.jar,
      owner,
      signal: init.signal ?? undefined,
    });
    const stranger = this.stranger(path, body, fate);
    const arrive = (): void => {
      if (stranger) back(stranger);
      else this.answer(request(), back, resolve);
    };
    // A request that left the phone arrives, whatever becomes of the tab.
    if (fate(0.2)) return lost();
    scheduler.add(`> ${owner.name} ${path} ${body.length}`, delay(), arrive);
    if (!stranger && fate(0.15))
      scheduler.add(`>> ${owner.name} ${path}`, delay(), () =>
        this.answer(
          request(),
          () => {},
          () => {},
        ),
      );
  }

  private stranger(path: string, body: string, fate: (p: number) => boolean): Reply | null {
    if (body.includes(this.poison))
      return this.scheduler.pick(STRANGERS.filter((r) => [400, 403, 413].includes(r.status)));
    if (!path.includes("/sync/") || !fate(0.4)) return null;
    const { mutations = [] } = JSON.parse(body || "{}") as Partial<PushBody>;
    const many = mutations.length !== 1 || this.server.state.uids.has(mutations[0]!.uid);
    // What refuses one edit alone for its content does so always; that is the poisoned edit above.
    return this.scheduler.pick(
      [...STRANGERS, ...REFUSALS].filter((r) => many || ![400, 403, 409, 413].includes(r.status)),
    );
  }

  private response(reply: Reply, cut: boolean, signal?: AbortSignal): Response {
    const headers = new Headers({
      "content-type": reply.type ?? (reply.status < 400 ? "application/json" : "application/problem+json"),
    });
    if (reply.after !== undefined) headers.set("retry-after", String(reply.after));
    const text = typeof reply.body === "string" ? reply.body : JSON.stringify(reply.body);
    if (reply.status === 204) return new Response(null, { status: 204 });
    if (!cut) return new Response(text, { status: reply.status, headers });
    const half = text.slice(0, this.scheduler.below(text.length + 1));
    // Cut short, or never ending: then the time limit has to.
    const stalled = new ReadableStream<Uint8Array>({
      start(feed) {
        feed.enqueue(new TextEncoder().encode(half));
        endWith(signal, feed);
      },
    });
    return new Response(this.scheduler.chance(0.5) ? half : stalled, { status: reply.status, headers });
  }

  private answer(request: Request, back: (reply: Reply) => void, stream: (response: Response) => void): void {
    const { path, body, jar, owner } = request;
    if (path === "/api/auth/login") return back(this.login((JSON.parse(body) as { login: string }).login));
    if (path === "/api/auth/logout") {
      if (jar) this.sessions.delete(jar);
      return back({ status: 204, body: "", jar: null });
    }
    const user = jar ? this.sessions.get(jar) : undefined;
    if (path === "/api/auth/refresh")
      return back(user ? this.entry(user, jar!) : { status: 401, body: { code: "session_revoked" } });
    const [bearer, until] = request.bearer.split("@");
    const caller = bearer ? this.sessions.get(bearer) : undefined;
    if (!caller || Number(until) < this.server.now())
      return back({ status: 401, body: { code: "token_expired" } });
    if (path === "/api/sync/events") {
      this.scheduler.add("stream opens", 20, () => stream(this.listen(caller, request)), { owner });
      return;
    }
    const asked = JSON.parse(body) as PushBody;
    const bound = this.server.state.groups.get(asked.clientGroupID);
    if (bound && bound !== caller) return back({ status: 403, body: { code: "forbidden" } });
    if (path === "/api/sync/push") return this.push(caller, asked, asked.mutations, [], back);
    this.pulled.add(owner);
    back({ status: 200, body: this.server.pull(caller, JSON.parse(body)) });
  }

  /** One transaction after another; other requests come in between, and time may run out. */
  private push(
    user: string,
    body: PushBody,
    left: Mutation[],
    results: PushResult[],
    back: (reply: Reply) => void,
  ): void {
    const done = this.server.take(user, body, left.slice(0, CHUNK));
    if ("error" in done) return back({ status: 200, body: done });
    results.push(...done.results);
    const rest = left.slice(CHUNK);
    const enough = rest.length > 0 && this.scheduler.chance(0.2 * this.trouble);
    if (done.stopped || enough) return back({ status: 503, body: { results }, after: 1 });
    if (rest.length === 0) return back({ status: 200, body: { results } });
    this.scheduler.add("push goes on", this.scheduler.below(30), () =>
      this.push(user, body, rest, results, back),
    );
  }

  private login(user: string): Reply {
    const session = `s${++this.serial}`;
    this.sessions.set(session, user);
    return this.entry(user, session);
  }

  private entry(user: string, session: string): Reply {
    const role = this.server.state.roles.get(user);
    return {
      status: 200,
      jar: session,
      body: {
        access_token: `${session}@${this.server.now() + TOKEN_MS}`,
        expires_in: TOKEN_MS / 1000,
        user: { id: user, name: user, role, team_id: "t", locale: "zh-CN" },
        workspace: { id: "w", name: "w", zone: "Asia/Shanghai", locale: "zh-CN" },
        device_id: session,
      },
    };
  }

  private listen(user: string, { owner, signal }: Request): Response {
    const body = new ReadableStream<Uint8Array>({
      start: (feed) => {
        const stream = { user, owner, feed };
        this.streams.push(stream);
        endWith(signal, feed);
        this.beat(stream);
      },
    });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  }

  private beat(stream: Network["streams"][0]): void {
    this.scheduler.add(
      "heartbeat",
      HEARTBEAT_MS,
      () => {
        // Some lines die without a sign.
        if (!this.feed(stream, ":\n") || this.scheduler.chance(0.2 * this.trouble))
          this.streams.splice(this.streams.indexOf(stream), 1);
        else this.beat(stream);
      },
      { owner: stream.owner },
    );
  }

  private feed(stream: Network["streams"][0], text: string): boolean {
    try {
      stream.feed.enqueue(new TextEncoder().encode(text));
      return true;
    } catch {
      return false;
    }
  }

  private poke(users: Set<string>): void {
    const order = this.server.epoch * 2 ** 40 + this.server.state.version;
    for (const stream of this.streams)
      if (users.has(stream.user) && !stream.owner.dead)
        this.scheduler.add("poke", 50, () => this.feed(stream, `data: {"order":${order}}\n\n`), {
          owner: stream.owner,
        });
  }
}

/** A body that is being read ends with its request. */
function endWith(signal: AbortSignal | undefined, feed: ReadableStreamDefaultController): void {
  signal?.addEventListener("abort", () => feed.error(new DOMException("aborted", "AbortError")));
}

function short(body: unknown): string {
  return (typeof body === "string" ? body : JSON.stringify(body)).slice(0, 2_000);
}
