import { describe, expect, it } from "vitest";
import { mutators } from "./mutators";
import { notice, person, view } from "./testkit";

const people = [person("sup", "supervisor"), person("ann"), person("bea"), person("eva", "agent", "t2")];
const as = (user_id: string) => ({ user_id, now: 5_000 });

describe("looking at a notice", () => {
  it("is noted at once, and only for one's own", () => {
    const world = view(people, [notice("1"), notice("2", { to_id: "bea" })]);
    mutators["notice.seen"]!(world, { ids: ["1", "2", "gone"] }, as("ann"));
    expect(world.get("notice", "1")!.seen_at).toBe(5_000);
    expect(world.get("notice", "1")!.routes[0]!.state).toBe("delivered");
    expect(world.get("notice", "2")!.seen_at).toBeNull();
    mutators["notice.seen"]!(world, { ids: ["1"], at: 9_000 }, as("ann"));
    expect(world.get("notice", "1")!.seen_at, "the first look counts").toBe(5_000);
  });
});

describe("sending", () => {
  const sent = (args: { text: string; to?: string[]; team_id?: string }, by = "sup"): string[] => {
    const world = view(people);
    mutators["notice.send"]!(world, { id: "n", ...args }, as(by));
    return world.all("notice").map((row) => row.to_id);
  };

  it("reaches the team without the sender, or those who are meant", () => {
    expect(sent({ text: " 开会 " })).toEqual(["ann", "bea"]);
    expect(sent({ text: "x", to: ["bea"] })).toEqual(["bea"]);
  });

  it("has no effect where the server refuses", () => {
    expect(sent({ text: " " })).toEqual([]);
    expect(sent({ text: "x".repeat(501) })).toEqual([]);
    expect(sent({ text: "x" }, "ann")).toEqual([]);
    expect(sent({ text: "x", to: ["eva"] })).toEqual([]);
    expect(sent({ text: "x", team_id: "t2" })).toEqual([]);
  });
});
