import { describe, expect, it } from "vitest";
import type { OutreachAttempt } from "../gen/api";
import { arrange, marksOf, nextChannels, nextOf, nextStep, remaining, type Wanted } from "./rules";
import { outreach, stepOf } from "./testkit";

const ALL: Wanted = { state: "", reason_id: "", shop_id: "", words: "" };
const attempt = (step: number, more: Partial<OutreachAttempt> = {}): OutreachAttempt => ({
  id: `a${step}`,
  step,
  channel: "im",
  result: "sent",
  author_id: null,
  minutes: null,
  note: "",
  at: 0,
  ...more,
});
const CHAIN = [
  stepOf("im"),
  stepOf("mail", { channels: ["email", "sms"], then: "boss" }),
  stepOf("call", { channels: ["phone"], then: "end" }),
  stepOf("boss", { channels: ["supervisor"], then: "call" }),
];

describe("the board", () => {
  const rows = [
    outreach({ id: "late", next_at: 20 }),
    outreach({ id: "soon", next_at: 10 }),
    outreach({ id: "mine", next_at: 30, created_by: "li" }),
    outreach({ id: "paused", state: "ours", next_at: null }),
    outreach({ id: "decide", state: "decision", decide_at: 99 }),
    outreach({ id: "over", state: "closed", next_at: 1 }),
    outreach({ id: "back", state: "returning", return_by: 15, shop_id: "kids" }),
  ];
  const ids = (wanted: Partial<Wanted> = {}, own = false): string[] =>
    arrange(
      rows,
      { ...ALL, ...wanted },
      (row) => `小鹿 ${row.id}`,
      (row) => own && row.created_by === "li",
    ).map((row) => row.id);

  it("leads with decisions, then with what acts first; what waits for us has no time", () => {
    expect(ids()).toEqual(["decide", "soon", "back", "late", "mine", "paused"]);
  });

  it("puts an agent's own behind the decisions", () => {
    expect(ids({}, true).slice(0, 3)).toEqual(["decide", "mine", "soon"]);
  });

  it("can be narrowed by state, shop and every word typed", () => {
    expect(ids({ state: "ours" })).toEqual(["paused"]);
    expect(ids({ words: "小鹿 LATE" })).toEqual(["late"]);
    expect(ids({ reason_id: "other" })).toEqual([]);
    expect(ids({ shop_id: "kids" })).toEqual(["back"]);
  });
});

describe("a chain", () => {
  it("goes on to the next step, to a named one, or ends", () => {
    expect([0, 1, 2, 3].map((i) => nextOf(CHAIN, i))).toEqual([1, 3, null, 2]);
    expect(nextOf([stepOf("a")], 0)).toBeNull();
    expect(nextOf([stepOf("a", { then: "gone" })], 0)).toBeNull();
  });

  it("after a step that only waits, the one behind it acts", () => {
    const row = outreach({ steps: CHAIN, step: 1, channel: "email", phase: "waiting" });
    expect(nextStep(row)).toBe(3);
    expect(nextChannels(row)).toEqual(["supervisor"]);
    expect(nextChannels({ ...row, phase: "planned" })).toEqual(["email"]);
    expect(nextChannels({ ...row, phase: "planned", channel: null })).toEqual(["email", "sms"]);
  });

  it("is asked about from the next step on, each step once, in the order in which they come", () => {
    const row = outreach({ steps: CHAIN, step: 1, phase: "planned" });
    expect(remaining(row).map(({ id, then }) => [id, then])).toEqual([
      ["mail", ""],
      ["boss", ""],
      ["call", ""],
    ]);
    const round = [stepOf("a"), stepOf("b", { then: "a" })];
    expect(remaining(outreach({ steps: round, step: 1 })).map((step) => step.id)).toEqual(["b", "a"]);
    expect(remaining(outreach({ steps: round, step: 0 })).map((step) => step.id)).toEqual(["a", "b"]);
  });

  it("shows what was done by which channel, what is on, and what is to come", () => {
    const log = [attempt(1, { channel: "sms" }), attempt(0, { result: "inbound" }), attempt(0)];
    const at = (more: object): string[] => marksOf(outreach({ steps: CHAIN, log, ...more })).map((m) => m.at);
    expect(at({ step: 1 })).toEqual(["done", "now", "todo", "todo"]);
    expect(at({ step: 1, phase: "waiting" })).toEqual(["done", "done", "todo", "todo"]);
    expect(at({ step: 1, state: "closed" })).toEqual(["done", "done", "todo", "todo"]);
    const marks = marksOf(outreach({ steps: CHAIN, log, step: 2, channel: "phone" }));
    expect(marks.map((mark) => mark.channel)).toEqual(["im", "sms", "phone", "supervisor"]);
    expect(marks[0]!.last?.result).toBe("sent");
  });
});
