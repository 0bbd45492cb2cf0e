import { describe, expect, it } from "vitest";
import { codeOf, fetchWithin, jsonOf, problemOf, Refused, Unreachable } from "./http";
import { realTimers } from "./timers";

const problem = (status: number, code: string): Response =>
  new Response(JSON.stringify({ title: "x", status, code, request_id: "r1" }), {
    status,
    headers: { "content-type": "application/problem+json" },
  });

describe("answers", () => {
  it("of our server carry their code", async () => {
    await expect(jsonOf(problem(409, "conflict"))).rejects.toMatchObject({
      code: "conflict",
      requestId: "r1",
    });
    expect(codeOf(new Refused("gone", 404))).toBe("gone");
  });

  it("of a hotel's sign-in page are no answer at all", async () => {
    const page = new Response("<html>", { status: 200, headers: { "content-type": "text/html" } });
    await expect(jsonOf(page)).rejects.toBeInstanceOf(Unreachable);
    expect(await problemOf(new Response("<html>", { status: 403 }))).toBeNull();
    expect(codeOf(new Unreachable())).toBe("unavailable");
    expect(codeOf(new Error("x"))).toBe("internal");
  });

  it("of a proxy in trouble mean: later", async () => {
    await expect(jsonOf(new Response("Bad gateway", { status: 502 }))).rejects.toMatchObject({
      code: "unavailable",
    });
    await expect(jsonOf(new Response("no", { status: 418 }))).rejects.toMatchObject({ code: "internal" });
  });

  it("may be empty", async () => {
    expect(await jsonOf(new Response(null, { status: 204 }))).toBeUndefined();
  });
});

describe("a request", () => {
  it("is given up when the body stops half-way", async () => {
    const stuck: typeof fetch = async (_path, init) =>
      new Response(
        new ReadableStream({
          start(controller) {
            init?.signal?.addEventListener("abort", () => controller.error(new Error("aborted")));
          },
        }),
      );
    await expect(fetchWithin(stuck, realTimers, 10, "/x")).rejects.toBeInstanceOf(Unreachable);
  });

  it("keeps status, headers and an absent body", async () => {
    const empty: typeof fetch = async () =>
      new Response(null, { status: 204, headers: { "retry-after": "3" } });
    const answer = await fetchWithin(empty, realTimers, 1_000, "/x");
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([204, "3"]);
  });
});
