import { expect, it } from "vitest";
import { chainOf, chainsFor, chainsInUse, usersOf } from "./chains";
import { chain, reason } from "./testkit";

const CHAINS = [
  chain({ id: "b", position: 1 }),
  chain({ id: "off", position: 2, enabled: false }),
  chain({ id: "team", position: 3, whom: "team" }),
  chain({ id: "a", position: 0 }),
];
const ids = (rows: { id: string }[]): string[] => rows.map((row) => row.id);

it("a case takes the chosen chain, else its reason's own, and none that is off", () => {
  const inUse = chainsInUse(CHAINS);
  expect(ids(inUse)).toEqual(["a", "b"]);
  expect(chainOf(inUse, reason({ chain_id: "b" }), null)?.id).toBe("b");
  expect(chainOf(inUse, reason({ chain_id: "off" }), "a")?.id).toBe("a");
  for (const chain_id of ["off", "team", "gone"])
    expect(chainOf(inUse, reason({ chain_id }), null), chain_id).toBeUndefined();
  expect(chainOf(inUse, reason({ chain_id: "b" }), "off")).toBeUndefined();
  expect(chainOf(inUse, undefined, null)).toBeUndefined();
});

it("a reason chooses from the chains that are on, but keeps its own", () => {
  expect(ids(chainsFor(CHAINS, ""))).toEqual(["a", "b"]);
  expect(ids(chainsFor(CHAINS, "off"))).toEqual(["a", "b", "off"]);
});

it("a chain is needed by the reasons that name it, archived ones only while it is to be there", () => {
  const reasons = [
    reason({ id: "2", position: 2 }),
    reason({ id: "1", position: 1 }),
    reason({ id: "old", archived: true }),
    reason({ id: "other", chain_id: "x" }),
  ];
  const { active, all } = usersOf("ch", reasons);
  expect(ids(active)).toEqual(["1", "2"]);
  expect(ids(all)).toEqual(["old", "1", "2"]);
});
