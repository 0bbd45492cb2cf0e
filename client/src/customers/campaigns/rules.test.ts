import { describe, expect, it } from "vitest";
import type { Campaign, Customer } from "../../gen/api";
import { campaign, card, contact } from "../testkit";
import { current, guestsOf, isRunning, progressOf, type Guest } from "./rules";

const buyer = (id: string, more: Partial<Customer> = {}): Customer =>
  card({ id, nick: id, tier: "vip", ...more });
const ids = (guests: Guest[]): string[] => guests.map((one) => one.card.id);
const list = (cards: Customer[], more: Partial<Campaign> = {}): string[][] => {
  const { left, quiet, greeted } = guestsOf(campaign(more), cards, "me");
  return [ids(left), ids(quiet), ids(greeted)];
};
const greeted = { contacts: [contact({ campaign_id: "12.12" })] };

describe("a campaign", () => {
  it("runs on its first and on its last day", () => {
    const days = ["2026-02-28", "2026-03-01", "2026-03-07", "2026-03-08"];
    expect(days.map((day) => isRunning(campaign(), day))).toEqual([false, true, true, false]);
  });

  it("is listed until it is over, what begins first leads", () => {
    const all = [
      campaign({ id: "coming", from: "2026-04-01", until: "2026-04-02" }),
      campaign({ id: "long", until: "2026-03-20" }),
      campaign({ id: "over", until: "2026-03-02" }),
      campaign({ id: "short" }),
    ];
    expect(current(all, "2026-03-03").map((one) => one.id)).toEqual(["short", "long", "coming"]);
  });
});

describe("who is greeted", () => {
  it("is in a tier of the team, and on a card that stands", () => {
    const cards = [
      buyer("a"),
      buyer("none", { tier: "" }),
      buyer("merged", { merged_into: "a" }),
      buyer("far", { team_id: "x" }),
    ];
    expect(list(cards)).toEqual([["a"], [], []]);
  });

  it("has the tier and the tag that are asked for", () => {
    const cards = [buyer("a", { tags: ["春茶"] }), buyer("b", { tier: "gold", tags: ["春茶"] }), buyer("c")];
    expect(list(cards, { tier: "vip" })[0]).toEqual(["a", "c"]);
    expect(list(cards, { tag: "春茶" })[0]).toEqual(["a", "b"]);
    expect(list(cards, { tier: "vip", tag: "春茶" })[0]).toEqual(["a"]);
    expect(list(cards, { tag: "春" })[0]).toEqual([]);
  });

  it("is one's own first; who was greeted sinks, the last one first", () => {
    const late = { contacts: [contact({ campaign_id: "12.12", at: 9 })] };
    const cards = [
      buyer("a", { owner_id: "mate" }),
      buyer("b"),
      buyer("c", { owner_id: "me" }),
      buyer("d", { owner_id: "me", ...greeted }),
      buyer("e", late),
      buyer("f", { owner_id: "me" }),
    ];
    expect(list(cards)).toEqual([["c", "f", "a", "b"], [], ["e", "d"]]);
  });

  it("was not greeted by another campaign or by a contact of any other kind", () => {
    const cards = [buyer("a", { contacts: [contact(), contact({ campaign_id: "6.18" })] })];
    expect(list(cards)[0]).toEqual(["a"]);
  });

  it("was greeted when it was first done, on whichever card", () => {
    const twice = [
      contact({ id: "2", campaign_id: "12.12", at: 9 }),
      contact({ campaign_id: "12.12", at: 5 }),
    ];
    const { greeted: one } = guestsOf(
      campaign(),
      [buyer("old", { merged_into: "a", contacts: twice }), buyer("a")],
      "me",
    );
    expect(one.map((guest) => [guest.card.id, guest.greeting?.id])).toEqual([["a", "k"]]);
  });

  it("is left in peace who blocked every way, and is never called", () => {
    const cards = [
      buyer("a", { blocked: ["im"] }),
      buyer("b", { blocked: ["im", "sms", "email"] }),
      buyer("c", { blocked: ["im", "sms", "email"], ...greeted }),
      buyer("d", { blocked: ["phone"] }),
    ];
    const guests = guestsOf(campaign(), cards, "me");
    expect(guests.left.map((one) => one.ways)).toEqual([
      ["sms", "email"],
      ["im", "sms", "email"],
    ]);
    expect([ids(guests.quiet), ids(guests.greeted)]).toEqual([["b"], ["c"]]);
    expect(progressOf(guests)).toEqual({ n: 1, all: 3 });
  });
});
