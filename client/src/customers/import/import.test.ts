import { describe, expect, it } from "vitest";
import type { ImportEvent } from "../../gen/api";
import { BEGUN, follow, Lines } from "./events";
import { headersOf, isOwn, rowsOf, sheetOf, textOf, withoutOwn } from "./sheet";

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

  it("keeps long numbers, runs no formula, and comes back as it was", () => {
    const text = sheetOf([{ line: 3, what: "phone", cells }], headers, "zh-CN", (what) => `「${what}」`);
    expect(text.startsWith("\ufeff原表行号,略过原因,订单编号")).toBe(true);
    const [head, row] = [...rowsOf(text)];
    expect(row).toEqual(["3", "「phone」", '="123456789012345678"', cells[1], "'+8613800001111"]);
    expect(isOwn(head!)).toBe(true);
    const back = [...rowsOf(withoutOwn(text))];
    expect(back).toEqual([headers, row!.slice(2)]);
    expect(isOwn(back[0]!)).toBe(false);
  });

  it("is known in the other language, too, and after a spreadsheet has saved it", () => {
    const text = sheetOf(
      [{ line: 3, what: "time", cells: ["1", "=1+1", "010"] }],
      headers,
      "en",
      () => "why",
    );
    expect(isOwn(headersOf(text))).toBe(true);
    expect([...rowsOf(text)][1]).toEqual(["3", "why", "1", "'=1+1", '="010"']);
    // Lines that somebody has emptied, and no break at the end.
    const saved = text.replace("\ufeff", "") + ",,,,\n4,why,2,b,3";
    expect([...rowsOf(withoutOwn(saved))].slice(2)).toEqual([["2", "b", "3"]]);
  });
});

it("reads rows as spreadsheets write them", () => {
  expect([...rowsOf('\ufeffa,"b ""x""",\r\n"1\n2",,3\r\rlast')]).toEqual([
    ["a", 'b "x"', ""],
    ["1\n2", "", "3"],
    [""],
    ["last"],
  ]);
  expect([...rowsOf("")]).toEqual([]);
  expect(headersOf("")).toEqual([]);
});

it("reads text in both encodings, and no archive", () => {
  expect(textOf(bytes("订单编号,a").slice(0, 5))).toBe("订");
  expect(textOf(new Uint8Array([0xb6, 0xa9, 0xb5, 0xa5, 0x2c]))).toBe("订单,");
  expect(textOf(new Uint8Array([0x50, 0x4b, 3, 4, 0]))).toBeNull();
});
