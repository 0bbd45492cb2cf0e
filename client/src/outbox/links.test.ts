import { expect, it } from "vitest";
import { linksOf } from "./links";

it.each([
  ["请打开 http://h/#/invite?token=ab-c。谢谢", "", ["http://h/#/invite?token=ab-c"]],
  ["（http://h/a）", '<a href="http://h/a">x</a>', ["http://h/a"]],
  ["", '<a href="https://h/?a=1&amp;b=2">x</a><a href="javascript:alert(1)">y</a>', ["https://h/?a=1&b=2"]],
  ["没有链接", "", []],
])("finds the links of %s %s", (text, html, want) => expect(linksOf({ text, html })).toEqual(want));
