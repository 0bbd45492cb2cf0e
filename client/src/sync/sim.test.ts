import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { describe, expect, it } from "vitest";
import { IdbDisk } from "./disk";
import type { Engine } from "./engine";
import { box, dice, rest, World } from "./kit/world";
import type { Failure } from "./net";

const FAULTS: Failure[] = [
  { ok: false, why: "offline" },
  { ok: false, why: "busy", after: 3_000 },
  { ok: false, why: "auth" },
  { ok: false, why: "too_large" },
];

/**
 * One user with two devices, one of them with two tabs, a network that loses requests and replies, crashes, a poisoned
 * edit and a server restored from a backup. The same seed gives the same run.
 */
async function run(seed: number): Promise<void> {
  const roll = dice(seed);
  const pick = (n: number): number => Math.floor(roll() * n);
  const world = new World(dice(seed + 1));
  const { server, time } = world;
  const phone = (): IdbDisk => new IdbDisk("phone");
  const tabs: Engine[] = [];
  const open = async (i: number): Promise<void> => {
    const engine = world.engine(i === 2 ? new IdbDisk("desk") : phone());
    await engine.start();
    engine.lead(i !== 1);
    tabs[i] = engine;
  };
  for (let i = 0; i < 3; i++) await open(i);

  let calm = false;
  const maybeFault = (): Failure | null => (calm || roll() > 0.25 ? null : FAULTS[pick(FAULTS.length)]!);
  server.before = (what, body) => {
    if (what === "push" && JSON.stringify(body).includes("poison"))
      return { ok: false, why: "bad", code: "bad_value" };
    const fault = maybeFault();
    const many = "mutations" in body && body.mutations.length > 1;
    return fault?.why === "too_large" && !many ? null : fault;
  };
  server.after = () => (calm || roll() > 0.15 ? null : { ok: false, why: "offline" });
  const made = new Set<string>();
  let poisoned = 0;
  let restore: (() => void) | null = null;

  for (let step = 0; step < 40; step++) {
    const engine = tabs[pick(3)]!;
    const what = roll();
    if (what < 0.5) {
      const id = `b${seed}-${step}`;
      await engine.mutate("box.create", box(id));
      made.add(id);
    } else if (what < 0.55) {
      await engine.mutate("box.create", box(`poison${step}`));
      poisoned++;
    } else if (what < 0.65) {
      const known = engine.rows.all("box");
      if (known.length > 0) await engine.mutate("box.start", { id: known[pick(known.length)]!.id });
    } else if (what < 0.72) {
      const i = pick(3);
      tabs[i]!.close();
      await open(i);
    } else if (what < 0.75 && !restore) {
      restore = server.backup();
    } else if (what < 0.77 && restore) {
      restore();
    } else {
      time.pass(pick(20_000));
    }
    if (roll() < 0.5) await rest(...tabs);
  }
  calm = true;
  for (let round = 0; round < 12; round++) {
    time.pass(400_000);
    await rest(...tabs);
  }

  const said = `seed ${seed}`;
  const live = server.snapshot();
  for (const id of made) expect(live.has(`box/${id}`), `${said}: ${id} was lost`).toBe(true);
  expect(new Set(server.applied).size, `${said}: applied twice`).toBe(server.applied.length);
  for (const engine of tabs) {
    expect(engine.status, said).toMatchObject({ pending: 0, state: "idle", online: true });
    const shown = engine.rows.all("box").map((row) => [`box/${row.id}`, row.state]);
    const want = [...live].filter(([key]) => key.startsWith("box/")).map(([key, row]) => [key, row["state"]]);
    expect(shown.sort(), said).toEqual(want.sort());
  }
  const parked = [...(await phone().book()).parked, ...(await new IdbDisk("desk").book()).parked];
  const creations = parked.filter((row) => row.name === "box.create");
  expect(creations.length, `${said}: poisoned edits are shown`).toBe(poisoned);
  for (const row of parked) expect(JSON.stringify(row.args), `${said}: only those`).toContain("poison");
}

describe("a bad month", () => {
  it.each(Array.from({ length: 40 }, (_, i) => i + 1))(
    "seed %i: nothing is lost, nothing is done twice",
    async (seed) => {
      globalThis.indexedDB = new IDBFactory();
      await run(seed);
    },
  );
});
