import type { Checks } from "./checks";
import { tokensOf } from "./ledger";
import type { Box } from "./model";
import type { SimTab } from "./phone";
import type { World } from "./world";

/** What must hold when everything has come to rest: I1, I5, I6, I8. */
export function atRest(world: World, checks: Checks): void {
  const { log, clients } = world.server.state;
  const applied = log.filter((entry) => entry.outcome === "applied");
  const twice = applied.find((entry, i) => applied.findIndex((other) => other.token === entry.token) !== i);
  if (twice) checks.fail("I1", `${twice.token} was done twice`);
  for (const [key, body] of world.server.state.entries) {
    const marks = (JSON.parse(body) as Partial<Box>).marks ?? [];
    if (new Set(marks).size < marks.length) checks.fail("I1", `${key} carries a mark twice: ${marks.join()}`);
  }
  for (const [id, client] of clients) {
    const logged = log.filter((entry) => entry.clientID === id).length;
    if (logged !== client.lmid)
      checks.fail("I6", `client ${id}: ${client.lmid} acknowledged, ${logged} logged`);
  }
  settled(world, checks);
}

/** Each edit has come to exactly one end. */
function settled(world: World, checks: Checks): void {
  const judged = world.ledger.judged();
  const parked = new Set<string>();
  const queued = new Set<string>();
  for (const phone of world.phones)
    for (const shelf of phone.shelves.values()) {
      const held = shelf.held();
      for (const token of tokensOf(held && { ...held, outbox: [], journal: [] })) parked.add(token);
      for (const token of tokensOf(held && { ...held, parked: [], journal: [] })) queued.add(token);
    }
  for (const tab of world.tabs())
    for (const row of tab.tab?.engine.rows.all("reject") ?? []) parked.add(String(row.args["token"]));
  for (const one of world.ledger.tokens.values()) {
    if (queued.has(one.token)) checks.fail("I8", `${one.token} still waits`);
    const end = judged.get(one.token);
    if (end === "applied" && parked.has(one.token))
      checks.fail("I6", `${one.token} is shown as refused and was done`);
    if (one.resolved && !one.excused && !end && !parked.has(one.token) && !world.ledger.numberTaken(one))
      checks.fail("I6", `${one.token} (${one.name}) was saved and is nowhere`);
  }
}

/** A tab that has come to rest shows what the server has for its user, and nothing else. */
export function converged(world: World, checks: Checks, tab: SimTab): void {
  const engine = tab.tab!.engine;
  const want = [...world.server.snapshot(tab.user!)].filter(([key]) => !key.startsWith("reject/"));
  const have = new Map([...engine.rows.entries()].map(([key, row]) => [key, JSON.stringify(row)]));
  for (const [key, row] of want)
    if (have.get(key) !== row)
      checks.fail("I5", `${tab.owner.name} ${key}: ${have.get(key)} instead of ${row}`);
  const boxes = want.filter(([key]) => key.startsWith("box/")).length;
  if (engine.rows.all("box").length !== boxes)
    checks.fail("I5", `${tab.owner.name} shows ${engine.rows.all("box").length} boxes instead of ${boxes}`);
}
