import { describe, expect, it, vi } from "vitest";
import { seeds } from "./host";
import { twice } from "./script";

const SEEDS = seeds(24);

/** What must have happened in some of the months, or they prove less than they seem to. */
const EVENTS: [string, RegExp][] = [
  ["an edit given up for good", / park done/],
  ["a new identity", / rekey done/],
  ["a reply lost after the work was done", /sync\/push fails/],
  ["a request repeated", / >> .*sync\/push/],
  ["a server that has forgotten a client", /ClientStateNotFound|unknown_client|"gap"/],
  ["a server that no longer speaks with us", /VersionNotSupported/],
  ["a push stopped half-way", /sync\/push 503 \{"results":\[\{/],
  ["a rejection", /"status":"rejected"/],
  ["a write broken off by a full disk", /write aborted/],
  ["a disk that refuses everything", / refused$/],
  ["an evicted phone", /deed: evict/],
  ["an old copy of a phone", /deed: old image/],
  ["a restored server", /deed: restore/],
  ["a stolen lead", /loses dutyboard|loses p/],
  ["a poke", / poke$/],
  ["a role change", /deed: role/],
];

// They are quick, but the machine may be busy.
vi.setConfig({ testTimeout: 120_000 });

describe("a bad month", () => {
  const missing = new Map(EVENTS);

  it.each(SEEDS)(
    "seed %i: nothing is lost, nothing is done twice, and it is the same month again",
    async (seed) => {
      const trace = await twice(seed);
      for (const [name, sign] of missing) if (trace.some((line) => sign.test(line))) missing.delete(name);
    },
  );

  it.skipIf(SEEDS.length < 24)("held everything that can go wrong", () => {
    expect([...missing.keys()]).toEqual([]);
  });
});
