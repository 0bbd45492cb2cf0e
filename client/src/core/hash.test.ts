import { expect, it } from "vitest";
import { hash53 } from "./hash";

// The same table stands in the server's sync/pull.rs: both sides must agree about every row.
it.each([
  ["", 3338908027751811],
  ['box/1\n{"id":"1","title":"审单"}', 5236107148819564],
  ["team/2\n{}", 2944311643723617],
])("hashes as the server does: %j", (text, want) => {
  expect(hash53(text)).toBe(want);
});
