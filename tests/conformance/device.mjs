import { randomUUID } from "node:crypto";
import { Replicache } from "replicache";

/** @param {any} tx @param {string} id @param {(box: any) => object} change */
async function edit(tx, id, change) {
  const box = await tx.get(`box/${id}`);
  if (box) await tx.set(`box/${id}`, { ...box, ...change(box) });
}

let count = 0;

/** An id as our devices make them: UUIDv7, so ids made later sort later, also within a millisecond. */
export function newId() {
  const time = Date.now().toString(16).padStart(12, "0");
  const order = (count++ % 0x1000).toString(16).padStart(3, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7${order}-${randomUUID().slice(19)}`;
}

/** Only what the tests look at before the server has answered. */
const mutators = {
  "box.start": (tx, { id }) => edit(tx, id, () => ({ state: "doing" })),
  "box.finish": (tx, { id }) => edit(tx, id, () => ({ state: "done" })),
  "box.note": (tx, { id, note_id, text }) =>
    edit(tx, id, (box) => ({ notes: [...box.notes, { id: note_id, text, author_id: "", at: 0 }] })),
  "box.quadrant": (tx, { id, quadrant }) => edit(tx, id, () => ({ quadrant })),
  "box.hand": async (tx, { id }) => void (await tx.del(`box/${id}`)),
  "reject.discard": async (tx, { uid }) => void (await tx.del(`reject/${uid}`)),
  "no.such.command": async () => {},
};

/** One installation of the foreign client, with its store in memory. */
export class Device {
  static #count = 0;

  /** @param {string} url @param {import("../e2e/kit/server.mjs").Api} person */
  constructor(url, person) {
    this.rep = new Replicache({
      name: `${person.user.id}-${Device.#count++}`,
      licenseKey: "test",
      kvStore: "mem",
      logLevel: "error",
      logSinks: [{ log: () => {} }],
      auth: person.headers.authorization,
      pushURL: `${url}/api/sync/push`,
      pullURL: `${url}/api/sync/pull`,
      // It pulls when it is told to, and here nobody pokes it.
      pullInterval: 100,
      requestOptions: { minDelayMs: 10, maxDelayMs: 200 },
      mutators,
    });
  }

  /** Waits for the first snapshot. */
  async ready() {
    await until(async () => (await this.all("workspace/")).length > 0);
  }

  /** @param {string} id @returns {Promise<any>} */
  box(id) {
    return this.rep.query((tx) => tx.get(`box/${id}`));
  }

  /** @param {string} prefix @returns {Promise<any[]>} */
  all(prefix) {
    return this.rep.query((tx) => tx.scan({ prefix }).values().toArray());
  }

  /** Everything it holds. */
  view() {
    return this.rep.query((tx) => tx.scan().entries().toArray());
  }

  pending() {
    return this.rep.experimentalPendingMutations();
  }

  close() {
    return this.rep.close();
  }
}

/**
 * Asks again until the answer is truthy.
 * @template T
 * @param {() => Promise<T>} ask
 * @returns {Promise<NonNullable<T>>}
 */
export async function until(ask, limit = 20_000) {
  const end = Date.now() + limit;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`not so within ${limit} ms: ${ask}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
