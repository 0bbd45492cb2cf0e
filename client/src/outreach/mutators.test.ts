import { beforeEach, describe, expect, it } from "vitest";
import { DAY } from "../core/time";
import { mutators as customers } from "../customers/mutators";
import { callback, card } from "../customers/testkit";
import type { Outreach, Workspace } from "../gen/api";
import { Rows } from "../sync/rows";
import type { ArgsOf, CommandName } from "../sync/types";
import { person } from "../tasks/testkit";
import { mutators } from "./mutators";
import { chain, hours, outreach, reason } from "./testkit";

const NOW = 1_000_000_000_000;
const BOTH = { ...customers, ...mutators };

let rows: Rows;
let serial = 0;

function begin(user_id = "me"): void {
  rows = new Rows(BOTH, user_id);
  rows.put("workspace", { id: "w", locale: "en" } as Workspace);
  for (const one of [person("me"), person("boss", { role: "supervisor" }), person("far", { team_id: "x" })])
    rows.put("person", one);
  rows.put("customer", card({ shop_id: "s" }));
  rows.put("chain", chain());
  rows.put("chain", chain({ id: "own", code: null }));
  rows.put("chain", chain({ id: "off", enabled: false }));
  rows.put("chain", chain({ id: "team", whom: "team" }));
  rows.put("outreach_reason", reason());
  rows.put("outreach_hours", hours());
  rows.put("callback", callback({ kind: "outreach" }));
}
beforeEach(() => begin());

function play<N extends CommandName>(name: N, args: ArgsOf<N>): void {
  serial++;
  rows.play({ clientID: "c", id: serial, uid: `${serial}`, name, args, timestamp: NOW, schema: "1" });
}

const given = (more: Partial<Outreach> = {}): void => rows.put("outreach", outreach(more));
const row = (id = "o"): Outreach => rows.get("outreach", id)!;

describe("a new case", () => {
  const open = (more: Partial<ArgsOf<"outreach.open">> = {}): void =>
    play("outreach.open", {
      id: "n",
      customer_id: "c",
      reason_id: "r",
      about: " 换 L 码？ ",
      order_number: "",
      ...more,
    });

  it("takes the chain of its reason and waits for the server's plan", () => {
    open();
    expect(row("n")).toMatchObject({
      team_id: "t",
      shop_id: "s",
      chain_id: "ch",
      steps: chain().steps,
      about: "换 L 码？",
      state: "running",
      phase: "planned",
      next_at: null,
      locale: "en",
      created_by: "me",
      created_at: NOW,
    });
  });

  it("may take another chain, but none that is off or for the team", () => {
    open({ id: "1", chain_id: "own" });
    expect(row("1").chain_id).toBe("own");
    begin();
    for (const chain_id of ["off", "team", "gone"]) open({ id: chain_id, chain_id });
    expect(rows.all("outreach")).toEqual([]);
  });

  it("is not opened twice for the same buyer and reason, but again after it has ended", () => {
    given({ state: "ours" });
    open();
    expect(row("n")).toBeUndefined();
    given({ state: "answered" });
    open();
    expect(row("n")).toBeDefined();
  });

  it("is another matter for another order, and the same one for another card of the buyer", () => {
    given({ order_number: "A1" });
    open({ order_number: " A1 " });
    expect(row("n")).toBeUndefined();
    open({ id: "none" });
    open({ id: "a2", order_number: " A2 " });
    expect(row("none")).toMatchObject({ order_number: "" });
    expect(row("a2")).toMatchObject({ order_number: "A2" });

    rows.put("customer", card({ id: "d", merged_into: "c" }));
    for (const order_number of ["A1", "A2", ""]) open({ customer_id: "d", order_number });
    expect(row("n")).toBeUndefined();
    open({ customer_id: "d", order_number: "A3" });
    expect(row("n")).toMatchObject({ customer_id: "d", order_number: "A3" });
  });

  it("needs a reason in use and a buyer of the own team", () => {
    rows.put("outreach_reason", reason({ archived: true }));
    open();
    rows.put("outreach_reason", reason());
    rows.put("customer", card({ team_id: "x" }));
    open();
    expect(rows.all("outreach")).toEqual([]);
  });
});

describe("the buyer's answer", () => {
  it("ends the case at once and takes the call from the list", () => {
    given({ callback_id: "cb", next_at: NOW + 1 });
    play("outreach.answer", { id: "o", channel: "im", note: " 要换货 ", then: "done" });
    expect(row()).toMatchObject({
      state: "answered",
      callback_id: null,
      next_at: null,
      closed_at: NOW,
      log: [{ channel: "im", result: "inbound", note: "要换货", author_id: "me", at: NOW }],
    });
    expect(rows.get("callback", "cb")).toMatchObject({ state: "cancelled", closed_at: NOW });
  });

  it("pauses the case when the shop owes something", () => {
    given({ callback_id: "cb" });
    play("outreach.answer", { id: "o", channel: "phone", note: "", then: "ours" });
    expect(row()).toMatchObject({ state: "ours", closed_at: null, callback_id: null });
    expect(rows.get("callback", "cb")).toMatchObject({ state: "cancelled" });
  });

  it("is kept and moves nothing when it comes late, and changes nothing of another team", () => {
    given({ state: "closed" });
    given({ id: "back", state: "returning" });
    given({ id: "x", team_id: "x" });
    for (const id of ["o", "back", "x"])
      play("outreach.answer", { id, channel: "im", note: "", then: "done" });
    expect(row()).toMatchObject({ state: "closed", log: [{ result: "inbound" }] });
    expect(row("back").state).toBe("returning");
    expect(row("x")).toMatchObject({ state: "running", log: [] });
  });
});

describe("whose turn it is", () => {
  it("goes to the shop, which withdraws the call, and back to the buyer", () => {
    given({ callback_id: "cb" });
    play("outreach.turn", { id: "o", ours: true, note: "" });
    expect(row()).toMatchObject({ state: "ours", next_at: null, callback_id: null });
    expect(rows.get("callback", "cb")).toMatchObject({ state: "cancelled" });
    play("outreach.turn", { id: "o", ours: false, note: "" });
    expect(row()).toMatchObject({ state: "running", phase: "planned" });
  });

  it("opens again what was ended too early", () => {
    given();
    play("outreach.close", { id: "o", reason: "开错了" });
    play("outreach.turn", { id: "o", ours: false, note: "" });
    expect(row()).toMatchObject({ state: "running", closed_at: null, outcome: "" });
    given({ state: "returned" });
    play("outreach.turn", { id: "o", ours: false, note: "" });
    expect(row().state).toBe("returned");
  });

  it("nor does a case go on when another is open about the same", () => {
    given({ state: "closed", closed_at: 1, outcome: "已退款" });
    rows.put("outreach", outreach({ id: "other" }));
    play("outreach.turn", { id: "o", ours: false, note: "" });
    expect(row().state).toBe("closed");
    rows.put("outreach", outreach({ id: "other", order_number: "2" }));
    play("outreach.turn", { id: "o", ours: false, note: "" });
    expect(row()).toMatchObject({ state: "running", closed_at: null, outcome: "" });
  });

  it("is no question while a parcel is on its way back, or something is to be decided", () => {
    for (const state of ["returning", "decision"] as const) {
      given({ state });
      for (const ours of [true, false]) play("outreach.turn", { id: "o", ours, note: "" });
      expect(row().state).toBe(state);
    }
  });
});

it("a case is closed for a reason", () => {
  given({ callback_id: "cb" });
  play("outreach.close", { id: "o", reason: " " });
  expect(row().state).toBe("running");
  play("outreach.close", { id: "o", reason: "已退款" });
  expect(row()).toMatchObject({ state: "closed", outcome: "已退款", closed_at: NOW });
  expect(rows.get("callback", "cb")).toMatchObject({ state: "cancelled" });
});

it("a supervisor does not wait for the next step; it is asked for once", () => {
  given();
  play("outreach.next", { id: "o", step: 0 });
  expect(row().next_at, "an agent waits").toBe(0);
  begin("boss");
  given({ callback_id: "cb" });
  play("outreach.next", { id: "o", step: 3 });
  expect(row().callback_id, "another step was seen").toBe("cb");
  play("outreach.next", { id: "o", step: 0 });
  expect(row()).toMatchObject({ state: "running", next_at: null, callback_id: null });
});

describe("after four days", () => {
  const decide = (decision: "return" | "go_on" | "close"): void =>
    play("outreach.decide", { id: "o", decision });

  it("a supervisor sends the parcel back within the shop's days, and somebody sees it arrive", () => {
    begin("boss");
    rows.put("outreach_hours", hours({ id: "h2", shop_id: "s", return_days: 3 }));
    given({ state: "decision", decide_at: NOW, shop_id: "s" });
    decide("return");
    expect(row()).toMatchObject({ state: "returning", return_by: NOW + 3 * DAY, decide_at: null });
    play("outreach.returned", { id: "o", note: "" });
    expect(row()).toMatchObject({ state: "returned", closed_at: NOW });
  });

  it("or goes on, or closes", () => {
    begin("boss");
    given({ state: "decision", step: 1 });
    decide("go_on");
    expect(row()).toMatchObject({ state: "running", phase: "planned", step: 0 });
    given({ state: "decision" });
    decide("close");
    expect(row()).toMatchObject({ state: "closed", closed_at: NOW });
  });

  it("an agent does not decide, and nobody where nothing is to be decided", () => {
    given({ state: "decision" });
    decide("return");
    expect(row().state).toBe("decision");
    begin("boss");
    given();
    decide("return");
    play("outreach.returned", { id: "o", note: "" });
    expect(row().state).toBe("running");
  });
});

describe("what supervisors set up", () => {
  const name = { zh: "夜间", en: "Night" };

  it("chains: own ones come last and can be dropped, shipped ones stay", () => {
    begin("boss");
    play("chain.save", { id: "new", name, steps: [], enabled: false });
    expect(rows.get("chain", "new")).toMatchObject({ code: null, whom: "buyer", position: 1 });
    play("chain.save", { id: "ch", name, steps: [], enabled: true });
    expect(rows.get("chain", "ch")).toMatchObject({ code: "customer_unreachable", name, steps: [] });
    for (const id of ["ch", "own"]) play("chain.drop", { id });
    expect(rows.get("chain", "ch")).toBeDefined();
    expect(rows.get("chain", "own")).toBeUndefined();
  });

  it("what a reason needs stays on, and what is off no reason takes", () => {
    begin("boss");
    play("chain.save", { id: "ch", name, steps: [], enabled: false });
    expect(rows.get("chain", "ch")).toMatchObject({ enabled: true });
    const words = { name, chain_id: "off", scene: "", is_reminder: false };
    play("outreach_reason.save", { id: "mine", ...words, archived: false });
    play("outreach_reason.save", { id: "past", ...words, archived: true });
    expect([rows.get("outreach_reason", "mine"), rows.get("outreach_reason", "past")?.chain_id]).toEqual([
      undefined,
      "off",
    ]);
  });

  it("reasons and hours", () => {
    begin("boss");
    const words = { name, chain_id: "ch", scene: "", is_reminder: true, archived: false };
    play("outreach_reason.save", { id: "mine", ...words });
    expect(rows.get("outreach_reason", "mine")).toMatchObject({ code: null, is_reminder: true, position: 1 });
    play("outreach_hours.save", hours({ id: "s", shop_id: "s" }));
    for (const id of ["h", "s"]) play("outreach_hours.drop", { id });
    expect(rows.all("outreach_hours").map((one) => one.id)).toEqual(["h"]);
  });

  it("agents set up nothing", () => {
    play("chain.save", { id: "new", name, steps: [], enabled: true });
    play("chain.drop", { id: "own" });
    play("outreach_hours.save", hours({ decide_hours: 1 }));
    expect(rows.get("chain", "new")).toBeUndefined();
    expect(rows.get("chain", "own")).toBeDefined();
    expect(rows.get("outreach_hours", "h")).toMatchObject({ decide_hours: 96 });
  });
});

describe("a call of a chain", () => {
  const log = (result: "no_answer" | "refused" | "later" | "sent", later_at?: number): void =>
    play("contact.log", {
      id: `k${++serial}`,
      customer_id: "c",
      callback_id: "cb",
      channel: "im",
      result,
      minutes: null,
      note: "",
      ...(later_at === undefined ? {} : { later_at }),
    });
  beforeEach(() => rows.put("callback", callback({ kind: "outreach", channel: "im" })));
  const call = (): unknown => rows.get("callback", "cb");

  it("is one try: whatever comes of it ends it", () => {
    log("no_answer");
    expect(call()).toMatchObject({ state: "done", result: "no_answer", closed_at: NOW });
  });

  it("also a message that was sent", () => {
    log("sent");
    expect(call()).toMatchObject({ state: "done", result: "sent" });
  });

  it("but a time that the buyer asked for is a promise, and a refusal cancels", () => {
    log("later", NOW + DAY);
    expect(call()).toMatchObject({ state: "open", kind: "promised", due_at: NOW + DAY });
    log("refused");
    expect(call()).toMatchObject({ state: "cancelled" });
  });

  it("is neither moved nor cancelled by hand, but handed on", () => {
    rows.put("person", person("mate"));
    const due_at = Date.parse("2001-09-09T06:00:00Z");
    play("callback.move", { id: "cb", due_at });
    play("callback.cancel", { id: "cb", reason: "已解决" });
    expect(call()).toEqual(callback({ kind: "outreach", channel: "im" }));
    play("callback.hand", { id: "cb", to: "mate" });
    expect(call()).toMatchObject({ state: "open", owner_id: "mate" });
  });
});
