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

describe("deleting a robot", () => {
  it("takes it away at once, for those who may", () => {
    const world = view(people);
    world.put("robot", {
      id: "r",
      team_id: "t1",
      kind: "feishu",
      name: "早班群",
      host: "open.feishu.cn",
      has_secret: true,
      enabled: true,
    });
    mutators["robot.drop"]!(world, { id: "r" }, as("ann"));
    expect(world.all("robot")).toHaveLength(1);
    mutators["robot.drop"]!(world, { id: "r" }, as("sup"));
    expect(world.all("robot")).toHaveLength(0);
  });
});
