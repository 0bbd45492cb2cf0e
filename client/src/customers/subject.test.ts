import { afterEach, expect, it } from "vitest";
import { attach } from "../lib/data.svelte";
import { Rows } from "../sync/rows";
import { mutators } from "./mutators";
import { subjectOf } from "./subject";
import { callback, campaign, card } from "./testkit";

const rows = new Rows(mutators, "me");
rows.put("customer", card());
rows.put("customer", card({ id: "d", nick: "", name: "陈静" }));
rows.put("callback", callback());
rows.put("campaign", campaign());

afterEach(() => attach(null));

it("names the buyer of every refused change, and what was typed", () => {
  attach({ rows, status: {} } as unknown as Parameters<typeof attach>[0]);
  const said = (
    [
      ["customer.save", { id: "new", nick: "新客" }],
      ["customer.reach", { id: "c", phone: "1" }],
      ["customer.block", { id: "d" }],
      ["customer.merge", { id: "d", into_id: "c" }],
      ["customer.distinct", { ids: ["c", "d", "unknown"] }],
      ["customer.erase", { id: "c", reason: "顾客要求" }],
      ["customer.keep", { months: 24 }],
      ["customer.keep", { months: null }],
      ["contact.log", { customer_id: "c", note: "换成 L 码" }],
      ["contact.log", { customer_id: "c", campaign_id: "12.12", note: "" }],
      ["campaign.save", { id: "12.12", name: "年货节" }],
      ["campaign.drop", { id: "12.12" }],
      ["callback.make", { customer_id: "c", about: "" }],
      ["callback.cancel", { id: "cb", reason: "已解决" }],
      ["callback.take", { id: "gone" }],
      ["customer.part", {}],
    ] as const
  ).map(([name, args]) => subjectOf(name, args));
  expect(said).toEqual([
    "新客",
    "小鹿",
    "陈静",
    "陈静 → 小鹿",
    "小鹿、陈静",
    "小鹿 · 顾客要求",
    "24 个月",
    "一直保留",
    "小鹿 · 换成 L 码",
    "小鹿 · 双12",
    "年货节",
    "双12",
    "小鹿",
    "小鹿 · 已解决",
    "",
    "",
  ]);
});
