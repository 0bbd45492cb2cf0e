import { describe, expect, it } from "vitest";
import { fnv1a, hueOf } from "./hash";
import { newId, uuidv7 } from "./ids";

describe("ids", () => {
  it("are UUIDs of version 7 that sort by time", () => {
    const id = newId();
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(uuidv7(0x0123456789ab, (b) => b.fill(0xff))).toBe("01234567-89ab-7fff-bfff-ffffffffffff");
    expect(uuidv7(1_000) < uuidv7(1_001)).toBe(true);
    expect(new Set(Array.from({ length: 1_000 }, newId)).size).toBe(1_000);
  });

  it("give a name always the same hue", () => {
    expect(fnv1a("")).toBe(0x811c9dc5);
    expect(fnv1a("a")).toBe(0xe40c292c);
    expect(hueOf("王芳")).toBe(hueOf("王芳"));
    expect(hueOf("王芳")).toBeLessThan(8);
  });
});
