import { beforeAll, describe, expect, it } from "vitest";
import { fetchWordsOf } from "../history/outreach.svelte";
import { label, words } from "../history/words";
import { hours, outreach, stepOf } from "./testkit";

const said = (field: string, value: unknown): string => words(field, value, "outreach");

beforeAll(() => fetchWordsOf("outreach"));

describe("the history of a case says in words", () => {
  it("its steps", () => {
    expect(said("steps", stepOf("a", { wait_minutes: 120 }))).toBe("旺旺 · 等 2 小时");
    const call = stepOf("b", {
      channels: ["phone", "sms"],
      from: "09:00",
      until: "20:30",
      prefer_from: "18:00",
      prefer_until: "20:00",
      attempts: 3,
      wait_minutes: 0,
      then: "end",
    });
    expect(said("steps", call)).toBe(
      "电话 / 短信 · 09:00–20:30 · 优先 18:00–20:00 · 最多 3 次 · 流程到此为止",
    );
  });

  it("what was tried, by whom, and what came of it", () => {
    const one = { id: "1", step: 0, channel: "email", result: "bounced", author_id: null, note: "", at: 0 };
    expect(said("log", one)).toBe("邮件 · 被退信");
    expect(said("log", { ...one, result: "inbound", author_id: "gone", note: "要换货" })).toBe(
      "邮件 · 买家回应 · 同事 · 要换货",
    );
  });

  it("the hours of every channel", () => {
    expect(words("hours", hours().hours, "outreach_hours").split("\n")).toContain(
      "电话 09:00–20:30 · 优先 18:00–20:00",
    );
  });

  it("states, steps and how it ended", () => {
    expect(said("state", "ours")).toBe("等我们");
    expect(words("state", "todo", "box")).toBe("待办");
    expect(said("step", 1)).toBe("第 2 步");
    expect(said("outcome", "inbound")).toBe("买家回应");
    expect(said("outcome", "已退款")).toBe("已退款");
  });

  it("every field by its name", () => {
    const silent = ["id", "callback_id"];
    for (const field of Object.keys(outreach())) {
      if (!silent.includes(field)) expect(label(field), field).not.toBe(field);
    }
  });
});
