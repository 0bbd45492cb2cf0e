import { describe, expect, it } from "vitest";
import { HttpNet, type PullBody, type PushBody } from "./net";

const push: PushBody = {
  pushVersion: 1,
  clientGroupID: "g",
  profileID: "p",
  schemaVersion: "1",
  mutations: [],
};
const pull: PullBody = {
  pullVersion: 1,
  clientGroupID: "g",
  cookie: null,
  profileID: "p",
  schemaVersion: "1",
};

function net(status: number, body: string, headers: Record<string, string> = {}): HttpNet {
  return new HttpNet(async () => new Response(body, { status, headers }));
}

const json = { "content-type": "application/problem+json" };
const ours = (code: string): string => JSON.stringify({ code });

describe("what an answer to a push means", () => {
  it.each([
    [401, ours("token_expired"), json, { why: "auth", code: "token_expired" }],
    [401, "proxy wants a password", {}, { why: "offline" }],
    [403, ours("forbidden"), json, { why: "forbidden", code: "forbidden" }],
    [403, "blocked by filter", {}, { why: "bad" }],
    [405, "blocked by filter", {}, { why: "bad" }],
    [400, ours("bad_request"), json, { why: "bad", code: "bad_request" }],
    [413, "", {}, { why: "too_large" }],
    [404, ours("not_found"), json, { why: "refused", code: "not_found" }],
    [404, "<html>", {}, { why: "refused" }],
    [429, ours("too_many_attempts"), { ...json, "retry-after": "7" }, { why: "busy", after: 7_000 }],
    [503, "", { "retry-after": "1" }, { why: "busy", after: 1_000, partly: true }],
    [502, "<html>", {}, { why: "busy" }],
    [503, "", { "retry-after": "soon" }, { why: "busy" }],
  ])("%i %s", async (status, body, headers, expected) => {
    const answer = await net(status, body, headers as Record<string, string>).push(push);
    expect(answer).toMatchObject({ ok: false, ...expected });
    if (!("after" in expected)) expect(answer).not.toHaveProperty("after");
  });

  it("a page that is not ours, or half an answer, counts as offline", async () => {
    expect(await net(200, "<html>").push(push)).toMatchObject({ why: "offline" });
    expect(await net(200, '{"results":').push(push)).toMatchObject({ why: "offline" });
    expect(await net(200, "{}").pull(pull)).toMatchObject({ why: "offline" });
    expect(await net(200, "null").pull(pull)).toMatchObject({ why: "offline" });
    const dead = new HttpNet(() => Promise.reject(new TypeError("network")));
    expect(await dead.pull(pull)).toEqual({ ok: false, why: "offline" });
  });

  it("a sound answer is handed on", async () => {
    expect(await net(200, '{"results":[]}').push(push)).toEqual({ ok: true, body: { results: [] } });
    const error = { error: "ClientStateNotFound" };
    expect(await net(200, JSON.stringify(error)).push(push)).toEqual({ ok: true, body: error });
    const reply = { cookie: { order: 1 }, patch: [], lastMutationIDChanges: {} };
    expect(await net(200, JSON.stringify(reply)).pull(pull)).toEqual({ ok: true, body: reply });
  });
});
