import { beforeEach, describe, expect, it } from "vitest";
import { at, MINUTE } from "../core/time";
import type { Callback, ContactLog, ContactResult, Workspace } from "../gen/api";
import { Rows } from "../sync/rows";
import type { ArgsOf, CommandName } from "../sync/types";
import { person } from "../tasks/testkit";
import { mutators } from "./mutators";
import { emailOf, maskEmail, maskPhone, phoneOf } from "./state";
import { callback, campaign, card, policy } from "./testkit";

const ZONE = "Asia/Shanghai";
const on = (hm: string, day = "2026-03-03"): number => at(day, hm, ZONE);
const NOW = on("10:00");

let rows: Rows;
let serial = 0;

beforeEach(() => {
  rows = new Rows(mutators, "me");
  rows.put("workspace", { id: "w", zone: ZONE } as Workspace);
  for (const one of [
    person("me"),
    person("mate"),
    person("boss", { role: "supervisor" }),
    person("far", { team_id: "x" }),
  ])
    rows.put("person", one);
  rows.put("customer", card());
  rows.put("callback", callback({ due_at: on("10:00"), until_at: on("10:00") }));
});

function play<N extends CommandName>(name: N, args: ArgsOf<N>, now = NOW): void {
  serial++;
  rows.play({ clientID: "c", id: serial, uid: `${serial}`, name, args, timestamp: now, schema: "1" });
}

const log = (result: ContactResult, more: Partial<ContactLog> = {}, now = NOW): void =>
  play(
    "contact.log",
    {
      id: `k${++serial}`,
      customer_id: "c",
      callback_id: "cb",
      channel: "phone",
      result,
      minutes: null,
      note: "",
      ...more,
    },
    now,
  );
const row = (id = "cb"): Callback => rows.get("callback", id)!;

describe("a contact", () => {
  it("that reached the buyer closes the callback and starts the clock anew", () => {
    log("reached", { note: " 很满意 ", minutes: 4 });
    expect(row()).toMatchObject({ state: "done", result: "reached", closed_at: NOW });
    expect(rows.get("customer", "c")).toMatchObject({
      last_contact_at: NOW,
      contacts: [{ result: "reached", note: "很满意", minutes: 4, author_id: "me", callback_id: "cb" }],
    });
  });

  it("without an answer is tried again: in two hours, then in the evening of the next day", () => {
    log("no_answer");
    expect(row()).toMatchObject({ state: "open", attempts: 1, due_at: on("12:00"), until_at: on("12:30") });
    log("no_answer", {}, on("12:00"));
    expect(row()).toMatchObject({ attempts: 2, due_at: on("18:00", "2026-03-04"), day: "2026-03-04" });
    expect(rows.get("customer", "c")?.last_contact_at).toBeNull();
  });

  it("with a busy line is tried in a quarter of an hour, never after the hours", () => {
    log("busy");
    expect(row().due_at).toBe(NOW + 15 * MINUTE);
    rows.put("callback", callback({ id: "late", due_at: on("20:20"), until_at: on("20:20") }));
    log("busy", { callback_id: "late" }, on("20:20"));
    expect(row("late").due_at).toBe(on("09:00", "2026-03-04"));
  });

  it("goes to a supervisor after six tries, or with a wrong number", () => {
    rows.put("callback", callback({ attempts: 5 }));
    log("no_answer");
    expect(row()).toMatchObject({ attempts: 6, level: "supervisor", state: "open" });
    rows.put("callback", callback());
    log("wrong_number");
    expect(row()).toMatchObject({ attempts: 1, level: "supervisor" });
  });

  it("moves to the time the buyer asked for, and stays a promise even of a care call", () => {
    rows.put("callback", callback({ kind: "care", attempts: 2 }));
    log("later", { later_at: on("16:30") });
    expect(row()).toMatchObject({ state: "open", due_at: on("16:30"), attempts: 0 });
    log("later", { later_at: on("21:00") });
    expect(row().due_at).toBe(on("16:30"));
  });

  it("that is refused cancels it and blocks the way", () => {
    log("refused");
    expect(row().state).toBe("cancelled");
    expect(rows.get("customer", "c")?.blocked).toEqual(["phone"]);
    play("callback.make", {
      id: "n",
      customer_id: "c",
      channel: "phone",
      due_at: on("16:30"),
      about: "",
      scene: "",
    });
    expect(row("n")).toBeUndefined();
  });

  it("by the buyer ends a care call, and no promise", () => {
    rows.put("callback", callback({ id: "care", kind: "care" }));
    log("inbound", { callback_id: null });
    expect([row().state, row("care").state]).toEqual(["open", "cancelled"]);
  });

  it("about somebody else's or a closed callback has no effect", () => {
    rows.put("callback", callback({ owner_id: "mate" }));
    log("reached");
    rows.put("callback", callback({ state: "done" }));
    log("no_answer");
    expect(rows.get("customer", "c")?.contacts).toEqual([]);
  });

  it("keeps the last twenty", () => {
    for (let n = 0; n < 22; n++) log("sent", { callback_id: null }, NOW + n);
    const { contacts } = rows.get("customer", "c")!;
    expect([contacts.length, contacts[0]!.at]).toEqual([20, NOW + 21]);
  });
});

describe("a callback", () => {
  const make = (more: Partial<ArgsOf<"callback.make">> = {}): void =>
    play("callback.make", {
      id: "n",
      customer_id: "c",
      channel: "phone",
      due_at: on("16:30"),
      about: "",
      scene: "",
      ...more,
    });

  it("is promised inside the hours, also to a buyer who is not on this device", () => {
    make();
    expect(row("n")).toMatchObject({
      owner_id: "me",
      due_at: on("16:30"),
      day: "2026-03-03",
      kind: "promised",
    });
    make({ id: "far", customer_id: "unknown" });
    expect(row("far").team_id).toBe("t");
    for (const due_at of [on("09:00"), on("20:30"), on("08:59", "2026-03-04")]) make({ id: "no", due_at });
    make({ id: "no", owner_id: "far" });
    expect(row("no")).toBeUndefined();
  });

  it("moves with its window", () => {
    rows.put("callback", callback({ due_at: on("09:00"), until_at: on("11:00") }));
    play("callback.move", { id: "cb", due_at: on("14:00") });
    expect(row()).toMatchObject({ due_at: on("14:00"), until_at: on("16:00") });
    play("callback.move", { id: "cb", due_at: on("21:00") });
    expect(row().due_at).toBe(on("14:00"));
  });

  it("is handed on within the team, and taken when it is for all", () => {
    play("callback.hand", { id: "cb", to: "far" });
    expect(row().owner_id).toBe("me");
    play("callback.hand", { id: "cb", to: "mate" });
    play("callback.take", { id: "cb" });
    expect(row().owner_id).toBe("mate");
    rows.put("callback", { ...row(), level: "mates" });
    play("callback.take", { id: "cb" });
    expect(row().owner_id).toBe("me");
  });

  it("is cancelled with a reason, once", () => {
    play("callback.cancel", { id: "cb", reason: " " });
    expect(row().state).toBe("open");
    play("callback.cancel", { id: "cb", reason: "已解决" });
    play("callback.cancel", { id: "cb", reason: "again" });
    expect(row()).toMatchObject({ state: "cancelled", about: "已解决" });
  });
});

describe("a card", () => {
  it("is made and changed in the fields that are given", () => {
    play("customer.save", { id: "n", nick: " 新客 ", tags: ["a", " a ", ""] });
    play("customer.save", { id: "n", notes: "急" });
    expect(rows.get("customer", "n")).toMatchObject({ nick: "新客", notes: "急", tags: ["a"], team_id: "t" });
    play("customer.save", { id: "empty", likes: "x" });
    play("customer.save", { id: "n", special_days: [{ month: 2, day: 30, label: "x" }] });
    expect([rows.get("customer", "empty"), rows.get("customer", "n")?.special_days]).toEqual([undefined, []]);
  });

  it("shows a number masked, and in full to who typed all of it", () => {
    play("customer.save", { id: "n", nick: "新客" });
    play("customer.reach", { id: "n", phone: "+86 138-0000-1111" });
    expect(rows.get("customer", "n")?.phone).toBe("138****1111");
    expect(rows.get("reach", "n")?.phone).toBe("13800001111");
    // Of this one somebody else knows the number: a mail address alone must not look like all there is.
    play("customer.reach", { id: "c", email: "a@b.cn" });
    expect([rows.get("customer", "c")?.email, rows.get("reach", "c")]).toEqual(["a***@b.cn", undefined]);
  });

  it("is cared for by supervisors, with gaps that make sense", () => {
    rows.put("care_policy", policy());
    const care = { id: "c", tier: "vip", owner_id: "me", ideal_days: null, longest_days: null };
    play("customer.care", care);
    expect(rows.get("customer", "c")?.tier).toBe("");
    rows.put("person", person("me", { role: "supervisor" }));
    play("customer.care", { ...care, ideal_days: 9, longest_days: 8 });
    expect(rows.get("customer", "c")?.tier).toBe("");
    play("customer.care", care);
    play("care.policy", policy({ ideal_days: 20 }));
    play("care.policy", policy({ name: { zh: "", en: "x" } }));
    expect(rows.get("customer", "c")?.tier).toBe("vip");
    expect(rows.get("care_policy", "vip")?.ideal_days).toBe(20);
  });

  it("keeps blocked ways in the server's order", () => {
    for (const channel of ["email", "im"] as const) play("customer.block", { id: "c", channel, on: true });
    expect(rows.get("customer", "c")?.blocked).toEqual(["im", "email"]);
    play("customer.block", { id: "c", channel: "im", on: false });
    expect(rows.get("customer", "c")?.blocked).toEqual(["email"]);
  });
});

describe("a wrong number", () => {
  it("is marked by the call, and reset by a new number only", () => {
    rows.put("reach", { id: "c", phone: "13800001111", email: "", address: "", messengers: [] });
    log("wrong_number");
    expect(rows.get("customer", "c")?.wrong_number).toBe(true);
    log("sent", { callback_id: null, channel: "im" });
    play("customer.reach", { id: "c", address: "杭州" });
    play("customer.reach", { id: "c", phone: "138-0000-1111" });
    expect(rows.get("customer", "c")?.wrong_number).toBe(true);
    play("customer.reach", { id: "c", phone: "13900002222" });
    expect(rows.get("customer", "c")?.wrong_number).toBe(false);
  });
});

it("an address from which mails come back is so until there is another", () => {
  rows.put("customer", card({ email: "l***@qq.com", bad_email: true }));
  rows.put("reach", { id: "c", phone: "", email: "lu@qq.com", address: "", messengers: [] });
  play("customer.reach", { id: "c", phone: "13900002222" });
  play("customer.reach", { id: "c", email: " lu@qq.com " });
  expect(rows.get("customer", "c")?.bad_email).toBe(true);
  play("customer.reach", { id: "c", email: "lu@163.com" });
  expect(rows.get("customer", "c")?.bad_email).toBe(false);
});

describe("a supervisor", () => {
  const boss = (): void => rows.put("person", person("me", { role: "supervisor" }));
  const into = (): string | null | undefined => rows.get("customer", "c")?.merged_into;

  it("merges two cards, and parts them again", () => {
    rows.put("customer", card({ id: "d" }));
    play("customer.merge", { id: "c", into_id: "d" });
    expect(into()).toBeNull();
    boss();
    play("customer.merge", { id: "c", into_id: "c" });
    expect(into()).toBeNull();
    play("customer.merge", { id: "c", into_id: "d" });
    expect(into()).toBe("d");
    // Into a card that is merged itself: nobody could tell where it went.
    play("customer.merge", { id: "d", into_id: "c" });
    expect(rows.get("customer", "d")?.merged_into).toBeNull();
    play("customer.part", { id: "c" });
    expect(into()).toBeNull();
  });

  it("does not merge cards of different teams, but into one that only the server has", () => {
    boss();
    rows.put("customer", card({ id: "other", team_id: "x" }));
    play("customer.merge", { id: "c", into_id: "other" });
    expect(into()).toBeNull();
    play("customer.merge", { id: "c", into_id: "far away" });
    expect(into()).toBe("far away");
  });

  it("erases a buyer with a reason, and with everything that is about them", () => {
    const all = (): number =>
      rows.all("customer").length + rows.all("callback").length + rows.all("reach").length;
    rows.put("reach", { id: "c", phone: "1", email: "", address: "", messengers: [] });
    rows.put("callback", callback({ id: "done", state: "done" }));
    play("customer.erase", { id: "c", reason: "顾客要求" });
    expect(all()).toBe(4);
    boss();
    play("customer.erase", { id: "c", reason: " " });
    expect(all()).toBe(4);
    play("customer.erase", { id: "c", reason: "顾客要求" });
    expect(all()).toBe(0);
  });
});

describe("a campaign", () => {
  const held = (): string | undefined => rows.get("campaign", "12.12")?.name;
  const boss = (): void => rows.put("person", person("me", { role: "supervisor" }));

  it("is made, changed and dropped by supervisors of its team", () => {
    play("campaign.save", campaign());
    expect(held()).toBeUndefined();
    boss();
    play("campaign.save", campaign({ team_id: "x" }));
    expect(held()).toBeUndefined();
    const { team_id: _, ...mine } = campaign({ name: " 双12 ", tag: " 春茶 " });
    play("campaign.save", mine);
    expect(rows.get("campaign", "12.12")).toEqual(campaign({ tag: "春茶" }));
    // It stays with its team.
    play("campaign.save", campaign({ team_id: "x", name: "年货节" }));
    expect(rows.get("campaign", "12.12")).toMatchObject({ name: "年货节", team_id: "t" });
    rows.put("person", person("me"));
    play("campaign.drop", { id: "12.12" });
    expect(held()).toBe("年货节");
    boss();
    play("campaign.drop", { id: "12.12" });
    expect(held()).toBeUndefined();
  });

  it("has a name, known buyers and an end within three months", () => {
    boss();
    rows.put("care_policy", policy());
    for (const wrong of [
      { name: " " },
      { name: "x".repeat(201) },
      { from: "2026-03-08" },
      { until: "2026-06-01" },
      { until: "soon" },
      { tier: "unknown" },
      { tag: "x".repeat(201) },
    ])
      play("campaign.save", campaign(wrong));
    expect(held()).toBeUndefined();
    play("campaign.save", campaign({ from: "2026-03-01", until: "2026-05-31", tier: "vip" }));
    expect(held()).toBe("双12");
  });

  it("is written on the contact that greets for it; clock and callbacks go on", () => {
    rows.put("callback", callback({ id: "care", kind: "care" }));
    log("sent", { callback_id: null, channel: "im", campaign_id: "12.12" });
    log("sent", { callback_id: null, channel: "sms" }, NOW + MINUTE);
    const after = rows.get("customer", "c");
    expect(after?.contacts.map((one) => one.campaign_id)).toEqual([null, "12.12"]);
    expect(after?.last_contact_at).toBeNull();
    expect([row().state, row("care").state]).toEqual(["open", "open"]);
  });
});

it("is for owners to say how long buyers are kept", () => {
  const kept = (): number | null | undefined => rows.get("retention", "customers")?.months;
  play("customer.keep", { months: 24 });
  expect(kept()).toBeUndefined();
  rows.put("person", person("me", { role: "owner" }));
  for (const months of [24, 5, 121, 6.5]) play("customer.keep", { months });
  expect(kept()).toBe(24);
  play("customer.keep", { months: null });
  expect(kept()).toBeNull();
});

it("masks and reads numbers and addresses as the server does", () => {
  expect(["13812345678", "+86 138-1234-5678", "1234567", "5", ""].map(maskPhone)).toEqual([
    "138****5678",
    "861****5678",
    "****67",
    "****5",
    "",
  ]);
  expect(["li.na@example.com", "@x", "not an address", ""].map(maskEmail)).toEqual([
    "l***@example.com",
    "***",
    "***",
    "",
  ]);
  expect(["'138 0000 1111", "0086-10-8888", "12", "abc", ""].map(phoneOf)).toEqual([
    "13800001111",
    "108888",
    null,
    null,
    "",
  ]);
  expect(["a@b.cn", "a@b", "a b@c.d", ""].map(emailOf)).toEqual(["a@b.cn", null, null, ""]);
});
