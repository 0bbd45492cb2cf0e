import { describe, expect, it } from "vitest";
import { isIos, inWeChat } from "./platform";
import { match, parse } from "./router.svelte";

describe("hash routes", () => {
  it.each([
    ["", "#/", {}],
    ["#", "#/", {}],
    ["#/", "#/", {}],
    ["#/today", "#/today", {}],
    ["#today", "#/today", {}],
    ["#/invite?token=a%2Bb", "#/invite", { token: "a+b" }],
    ["#/board?day=2026-01-05&view=people", "#/board", { day: "2026-01-05", view: "people" }],
  ])("%s is %s", (hash, path, query) => {
    expect(parse(hash)).toEqual({ path, query });
  });

  it("take parameters out of the path", () => {
    expect(match("#/history/:kind/:id", "#/history/box/1%202")).toEqual({ kind: "box", id: "1 2" });
    expect(match("#/history/:kind/:id", "#/history/box")).toBeNull();
    expect(match("#/today", "#/today")).toEqual({});
    expect(match("#/today", "#/team")).toBeNull();
    expect(match("#/x/:id", "#/x/%")).toEqual({ id: "%" });
  });
});

describe("platforms", () => {
  it("are told by their names", () => {
    expect(inWeChat("Mozilla/5.0 (iPhone) MicroMessenger/8.0")).toBe(true);
    expect(isIos("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0)", 5)).toBe(true);
    expect(isIos("Mozilla/5.0 (Macintosh; Intel Mac OS X)", 5)).toBe(true);
    expect(isIos("Mozilla/5.0 (Macintosh; Intel Mac OS X)", 0)).toBe(false);
    expect(isIos("Mozilla/5.0 (Linux; Android 14)", 5)).toBe(false);
  });
});
