import { describe, expect, it } from "vitest";
import { at } from "../core/time";
import type { Shop } from "../gen/api";
import { person, shift, ZONE } from "../tasks/testkit";
import { colleagues, comingUp, onNow } from "./on_now";

const D = "2025-11-21";
const T = (hm: string, day = D): number => at(day, hm, ZONE);
const shop = (id: string, name: string): Shop => ({ id, name, platform: "tmall", archived: false });
const shops = [shop("s1", "乙店"), shop("s2", "甲店")];
const people = ["li", "wang", "zhao", "chen", "sun"].map((id) => person(id));
const all = [
  shift("li", D, "08:30", 9, { shop_id: "s1" }),
  shift("wang", D, "12:00", 9, { shop_id: "s2" }),
  shift("zhao", D, "22:00", 8, { shop_id: "s1" }),
  shift("chen", D, "08:30", 9, { shop_id: null }),
  shift("gone", D, "08:30", 9, { shop_id: "s1" }),
  shift("sun", "2025-11-23", "08:30", 9),
];

describe("who is on", () => {
  it.each([
    ["08:29", D, []],
    [
      "08:30",
      D,
      [
        ["s1", ["li"]],
        [null, ["chen"]],
      ],
    ],
    [
      "13:00",
      D,
      [
        ["s2", ["wang"]],
        ["s1", ["li"]],
        [null, ["chen"]],
      ],
    ],
    ["17:30", D, [["s2", ["wang"]]]],
    ["03:00", "2025-11-22", [["s1", ["zhao"]]]],
    ["06:00", "2025-11-22", []],
  ])("at %s of %s", (hm, day, want) => {
    const now = onNow(all, people, shops, T(hm, day));
    expect(now.map((row) => [row.shop_id, row.shifts.map((one) => one.person_id)])).toEqual(want);
  });

  it("names who comes, but not the whole roster", () => {
    expect(comingUp(all, people, T("10:00")).map((one) => one.person_id)).toEqual(["wang", "zhao"]);
  });

  it("puts colleagues who are on first, then those who come, then the rest by name", () => {
    expect(
      colleagues(people, all, T("13:00")).map((one) => [one.person.id, one.status, one.shift?.day ?? null]),
    ).toEqual([
      ["chen", "on", D],
      ["li", "on", D],
      ["wang", "on", D],
      ["zhao", "later", D],
      ["sun", "off", "2025-11-23"],
    ]);
    expect(
      colleagues(people, [], T("13:00")).every((one) => one.status === "off" && one.shift === null),
    ).toBe(true);
  });
});
