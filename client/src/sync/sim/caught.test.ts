import { describe, expect, it, vi } from "vitest";
import { Broken } from "./checks";
import { MUTANTS, parts } from "./mutants";
import { month, same } from "./script";

const SEEDS = 12;

/** What is complained of in the first months of a broken world, until the right complaint is heard. */
async function complaints(change: (typeof MUTANTS)[0][2], right: RegExp): Promise<string[]> {
  const heard: string[] = [];
  for (let seed = 1; seed <= SEEDS && !heard.some((text) => right.test(text)); seed++) {
    try {
      await month(seed, parts(change));
    } catch (error) {
      if (!(error instanceof Broken)) throw error;
      heard.push(error.message.split("\n")[0]!);
    }
  }
  return heard;
}

// They are quick, but the machine may be busy.
vi.setConfig({ testTimeout: 120_000 });

describe("each fault is caught", () => {
  it.each(MUTANTS)("%s", async (_name, invariant, change) => {
    expect(await complaints(change, invariant)).toContainEqual(expect.stringMatching(invariant));
  });

  it("a run that depends on something else than its seed", async () => {
    const [first, second] = [await month(1), await month(2)];
    expect(() => same(first, second)).toThrow(/two runs differ at event \d+/);
    expect(() => same(first, first.slice(1))).toThrow(/two runs differ/);
  });
});
