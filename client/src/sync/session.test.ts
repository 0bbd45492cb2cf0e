import { beforeEach, describe, expect, it } from "vitest";
import { Unreachable } from "../core/http";
import { realTimers } from "../core/timers";
import { Session, type Profile, type SessionDeps } from "./session";

const user = { id: "u", name: "王芳", role: "agent" as const, team_id: "t", locale: "zh-CN" as const };
const workspace = { id: "w", name: "店", zone: "Asia/Shanghai", locale: "zh-CN" as const };
const profile: Profile = { user, workspace, device_id: "d" };

const reply = (token: string): Response =>
  Response.json({ access_token: token, expires_in: 900, user, workspace, device_id: "d" });
const problem = (status: number, code: string): Response =>
  new Response(JSON.stringify({ code }), { status, headers: { "content-type": "application/problem+json" } });

let saved: Profile | null;
let calls: string[];
let now: number;
/** The token the server takes at the moment. */
let good: string;
let refresh: () => Response;

function session(start: Profile | null, over: Partial<SessionDeps> = {}): Session {
  return new Session({
    timers: realTimers,
    async fetch(path, init) {
      const token = new Headers(init?.headers).get("authorization");
      calls.push(`${String(path)} ${token ?? "-"}`);
      if (path === "/api/auth/refresh") return refresh();
      if (path === "/api/auth/login") return reply("first");
      return token === `Bearer ${good}` ? Response.json({ ok: true }) : problem(401, "token_expired");
    },
    now: () => now,
    load: () => start,
    save: (kept) => void (saved = kept),
    alone: (task) => task(),
    ...over,
  });
}

beforeEach(() => {
  saved = null;
  calls = [];
  now = 0;
  good = "first";
  refresh = () => reply(good);
});

describe("a session", () => {
  it("starts from the kept profile and fetches a token for the first request", async () => {
    const own = session(profile);
    expect(own.state).toBe("in");
    expect((await own.api("/api/x")).status).toBe(200);
    expect(calls).toEqual(["/api/auth/refresh -", "/api/x Bearer first"]);
  });

  it("refreshes once for many requests, before the token runs out and after a 401", async () => {
    const own = session(profile);
    await Promise.all([own.api("/a"), own.api("/b"), own.api("/c")]);
    expect(calls.filter((call) => call.includes("refresh"))).toHaveLength(1);
    now = 890_000;
    await own.api("/a");
    expect(calls.filter((call) => call.includes("refresh"))).toHaveLength(2);
    good = "second";
    const answers = await Promise.all([own.api("/a"), own.api("/b")]);
    expect(answers.map((answer) => answer.status)).toEqual([200, 200]);
    expect(calls.filter((call) => call.includes("refresh"))).toHaveLength(3);
  });

  it("reads an open-ended answer with a fresh token, and says when nobody answers", async () => {
    const own = session(profile);
    await own.api("/a");
    good = "second";
    expect(await (await own.open("/big", { method: "POST", body: "x" })).json()).toEqual({ ok: true });
    const cut = session(null, { fetch: () => Promise.reject(new TypeError("cut")) });
    await expect(cut.open("/big", {})).rejects.toThrow(Unreachable);
  });

  it("ends when the server says so, keeps who it was, and may come back", async () => {
    const own = session(profile);
    refresh = () => problem(401, "session_revoked");
    expect((await own.api("/a")).status).toBe(401);
    expect(own).toMatchObject({ state: "out", reason: "session_revoked", profile });
    const before = calls.length;
    await own.api("/a");
    expect(calls.slice(before)).toEqual(["/a -"]);
    refresh = () => reply(good);
    await own.retry();
    expect(own).toMatchObject({ state: "in", reason: null });
  });

  it("does not end because of a network, a proxy or a busy server", async () => {
    for (const answer of [
      () => Promise.reject(new TypeError("network")),
      () => new Response("<html>", { status: 401 }),
      () => new Response("<html>", { status: 200 }),
      () => problem(503, "unavailable"),
      () => problem(429, "too_many_attempts"),
    ]) {
      const own = session(profile);
      refresh = answer as () => Response;
      await expect(own.api("/a")).rejects.toBeInstanceOf(Unreachable);
      expect(own.state).toBe("in");
    }
  });

  it("keeps the profile at sign-in and drops it at sign-out, also without a network", async () => {
    const own = session(null);
    expect(own.state).toBe("none");
    await own.enter("/api/auth/login", { login: "a", password: "b" });
    expect(saved).toEqual(profile);
    expect(JSON.stringify(saved)).not.toContain("first");
    refresh = () => reply(good);
    await own.leave();
    expect(saved).toBeNull();
    expect(own.state).toBe("none");
    expect((await own.api("/a")).status).toBe(401);
  });

  it("passes on why a sign-in was refused", async () => {
    const own = session(null, { fetch: async () => problem(401, "bad_credentials") });
    await expect(own.enter("/api/auth/login", {})).rejects.toMatchObject({ code: "bad_credentials" });
    expect(own.state).toBe("none");
  });
});
