import { expect, it } from "vitest";
import { cardsOf, sameCase, together } from "./cases";
import { outreach } from "./testkit";

const CARDS = [
  { id: "c", merged_into: null },
  { id: "d", merged_into: "c" },
  { id: "e", merged_into: "c" },
  { id: "x", merged_into: null },
];
const ids = (rows: { id: string }[]): string => rows.map((row) => row.id).join("");

it("the cards of a person are those that were merged, from whichever one begins", () => {
  for (const id of ["c", "d", "e"]) expect([...cardsOf(CARDS, id)].sort()).toEqual(["c", "d", "e"]);
  expect([...cardsOf(CARDS, "x")]).toEqual(["x"]);
  expect([...cardsOf([], "far")]).toEqual(["far"]);
});

it("the same case is an open one of the same person, reason and order", () => {
  const rows = [
    outreach({ id: "1", customer_id: "d", order_number: "A1" }),
    outreach({ id: "2", customer_id: "c", order_number: "A2", state: "closed" }),
  ];
  const same = (order_number: string, reason_id = "r", card = "c"): string | undefined =>
    sameCase(rows, cardsOf(CARDS, card), reason_id, order_number)?.id;
  expect(same("A1")).toBe("1");
  for (const other of [same("A2"), same(""), same("A1", "s"), same("A1", "r", "x")])
    expect(other).toBeUndefined();
});

it("the cases of a person: those of merged cards too, and what is held in place of what was read", () => {
  const held = [
    outreach({ id: "a", created_at: 1, state: "closed" }),
    outreach({ id: "b", customer_id: "d", created_at: 2 }),
    outreach({ id: "x", customer_id: "x" }),
    outreach({ id: "h", customer_id: "head", created_at: 4 }),
  ];
  const read = [
    outreach({ id: "a", created_at: 1 }),
    outreach({ id: "o", created_at: 3, state: "closed" }),
    outreach({ id: "h", customer_id: "head", created_at: 4, state: "ours" }),
  ];
  const rows = together(held, read, new Set(["c", "d"]));
  expect(ids(rows)).toBe("hboa");
  expect(rows.map((row) => row.state)).toEqual(["running", "running", "closed", "closed"]);
});
