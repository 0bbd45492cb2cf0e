import { describe, expect, it } from "vitest";
import type { ImportEvent } from "../../gen/api";
import { BEGUN, follow, Lines } from "./events";
import { sheetOf } from "./sheet";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const fault = { line: 12, what: "phone", cells: ["小鹿", "打电话"] };

describe("the events of an import", () => {
  const events: ImportEvent[] = [
    { rows: 1000, faults: 0 },
    { fault },
    { rows: 2000, faults: 1 },
    { done: { layout: "Dutyboard, 7", rows: 2345, faults: 1, new_buyers: 7, new_orders: 0 } },
  ];
  const whole = bytes(events.map((event) => `${JSON.stringify(event)}\n`).join(""));

  it("are the same wherever the stream is cut", () => {
    for (let size = 1; size <= whole.length; size += 3) {
      const lines = new Lines();
      const read: ImportEvent[] = [];
      for (let at = 0; at < whole.length; at += size) read.push(...lines.take(whole.slice(at, at + size)));
      expect(read).toEqual(events);
    }
  });

  it("pass over blank lines and a line that was cut for ever", () => {
    const lines = new Lines();
    expect(lines.take(bytes('\n{"rows":1,"faults":0}\r\n\n{"do'))).toEqual([{ rows: 1, faults: 0 }]);
    expect(() => lines.take(bytes("<html>\n"))).toThrow(SyntaxError);
  });

  it("say how far it has come, and how it ended", () => {
    const half = follow(BEGUN, events.slice(0, 3));
    expect(half).toEqual({ rows: 2000, faults: 1, left: [fault], done: null, stopped: null });
    expect(follow(half, events.slice(3))).toMatchObject({ rows: 2345, faults: 1, done: { new_buyers: 7 } });
    expect(follow(half, [{ stopped: "storage_full" }])).toMatchObject({
      rows: 2000,
      stopped: "storage_full",
    });
    expect(follow(half, [{ news: 1 } as unknown as ImportEvent])).toEqual(half);
    expect(BEGUN.left).toEqual([]);
  });
});

describe("the sheet of what was left out", () => {
  const headers = ["订单编号", "买家会员名", "联系手机"];
  const cells = ["123456789012345678", '小"鹿", 爱喝茶\n', "+8613800001111"];

  it("keeps long numbers and runs no formula", () => {
    const text = sheetOf([{ line: 3, what: "phone", cells }], headers, "zh-CN", (what) => `「${what}」`);
    expect(text.startsWith("\ufeff原表行号,略过原因,订单编号")).toBe(true);
    expect(text.split("\r\n")[1]).toBe(
      '3,「phone」,"=""123456789012345678""","小""鹿"", 爱喝茶\n",\'+8613800001111',
    );
  });

  it("keeps zeros and formulas of the other language, too", () => {
    const cells = ["1", "=1+1", "010"];
    const text = sheetOf([{ line: 3, what: "time", cells }], headers, "en", () => "why");
    expect(text).toBe(
      `\ufeffLine of the file,Left out because,${headers.join(",")}\r\n3,why,1,'=1+1,"=""010"""\r\n`,
    );
  });
});
