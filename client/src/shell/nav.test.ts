import { describe, expect, it, vi } from "vitest";

vi.mock("../rooms", () => {
  const page = (path: string, more: object): object => ({
    path,
    title: "ui.none",
    load: () => null,
    ...more,
  });
  return {
    routes: [
      page("#/me", { tab: { icon: "me", order: 1000 } }),
      page("#/attention", { menu: { icon: "alert", order: 900 } }),
      page("#/today", { tab: { icon: "today", order: 10 } }),
      page("#/week", { tab: { icon: "week", order: 11 } }),
      page("#/team", { tab: { icon: "team", order: 12 } }),
      page("#/board", { tab: { icon: "board", order: 1 }, needs: "supervise" }),
      page("#/roster", { tab: { icon: "roster", order: 2 }, needs: "supervise" }),
      page("#/jobs", { menu: { icon: "jobs", order: 20 }, needs: "own" }),
      page("#/history/:kind/:id", { needs: "supervise" }),
    ],
  };
});

const { find, home, moreRoutes, railRoutes, tabRoutes } = await import("./nav");
const paths = (list: { path: string }[]): string[] => list.map((route) => route.path.slice(2));
const agent = (): boolean => false;
const supervisor = (cap: string): boolean => cap === "supervise";
const owner = (): boolean => true;

describe("what is within reach", () => {
  it("of an agent", () => {
    expect(paths(tabRoutes(agent))).toEqual(["today", "week", "team", "me"]);
    expect(paths(moreRoutes(agent))).toEqual(["attention"]);
    expect(home(agent)).toBe("#/today");
  });

  it("of a supervisor: five tabs, the rest one tap further", () => {
    expect(paths(tabRoutes(supervisor))).toEqual(["board", "roster", "today", "week", "me"]);
    expect(paths(moreRoutes(supervisor))).toEqual(["team", "attention"]);
    expect(home(supervisor)).toBe("#/board");
  });

  it("of an owner, on a desktop", () => {
    expect(paths(railRoutes(owner))).toEqual([
      "board",
      "roster",
      "today",
      "week",
      "team",
      "jobs",
      "attention",
      "me",
    ]);
  });

  it("and what is not", () => {
    expect(find("#/history/box/1", agent)).toBeNull();
    expect(find("#/history/box/1", owner)?.params).toEqual({ kind: "box", id: "1" });
    expect(find("#/nowhere", owner)).toBeNull();
  });
});
