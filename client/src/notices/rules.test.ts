import { describe, expect, it } from "vitest";
import { bytes } from "./push";
import { colleagues, inbox, isUnreachable, outgoing, waysOf } from "./rules";
import { unread } from "./state";
import { notice, person, way } from "./testkit";

describe("the inbox", () => {
  const rows = [
    notice("old", { at: 1 }),
    notice("seen", { at: 9, seen_at: 10 }),
    notice("new", { at: 5 }),
    notice("hers", { to_id: "bea" }),
  ];

  it("shows one's own, unread first and then the newest", () => {
    expect(inbox(rows, "ann").map((row) => row.id)).toEqual(["new", "old", "seen"]);
    expect(unread(rows, "ann")).toBe(2);
    expect(unread(rows, undefined)).toBe(0);
  });
});

describe("what was sent", () => {
  it("is one entry per batch, without what the system told oneself", () => {
    const robot = { ...way("robot", "delivered"), robot_id: "r" };
    const rows = [
      notice("1", { batch: "b", sender_id: "sup", at: 5, seen_at: 6, routes: [robot] }),
      notice("2", { batch: "b", sender_id: "sup", at: 5, to_id: "bea", routes: [robot] }),
      notice("3", { batch: "c", at: 9 }),
      notice("4", { batch: "c", at: 9, to_id: "sup" }),
      notice("5", { batch: "d", at: 7, to_id: "sup" }),
    ];
    const batches = outgoing(rows, "sup");
    expect(batches.map((one) => [one.id, one.rows.length, one.seen])).toEqual([
      ["c", 1, 0],
      ["b", 2, 1],
    ]);
    expect(batches[1]!.robots).toEqual([robot]);
  });

  it("names the ways there are, and says when there is none", () => {
    const none = notice("1");
    expect(waysOf(none).map((one) => one.route)).toEqual(["app"]);
    expect(isUnreachable(none)).toBe(true);
    expect(isUnreachable({ ...none, seen_at: 5 })).toBe(false);
    const mailed = notice("2", {
      routes: [way("app", "waiting"), way("mail", "failed"), way("push", "none")],
    });
    expect(isUnreachable(mailed)).toBe(false);
    expect(isUnreachable(notice("3", { routes: [way("app", "waiting")] }))).toBe(false);
  });
});

describe("whom one may write to", () => {
  it("is everybody who works in the team, without oneself", () => {
    const people = [person("sup", "supervisor"), person("ann"), { ...person("bea"), active: false }];
    const all = [...people, person("eva", "agent", "t2")];
    expect(colleagues(all, "t1", "sup").map((one) => one.id)).toEqual(["ann"]);
  });
});

describe("the key of the server", () => {
  it("is read from base64url", () => {
    expect([...bytes("-_8A")]).toEqual([251, 255, 0]);
  });
});
