import type { Disk } from "../book";
import type { Net } from "../net";
import { Tab, type TabDeps } from "../tab";
import type { Mutation, PullReply } from "../types";
import { ModelServer } from "./server";
import type { Shelf } from "./shelf";
import { SOUND, type Parts } from "./world";

/** A disk that does some things in its own way. */
function disk(change: (disk: Disk) => Partial<Disk>): Partial<Parts> {
  return {
    shelf: (shelf: Shelf) => {
      const make = shelf.disk.bind(shelf);
      shelf.disk = (tab) => {
        const real = make(tab);
        const odd = change(real) as Record<string, unknown>;
        return new Proxy(real, {
          get: (target, name: string) =>
            odd[name] ?? (target as never as Record<string, Function>)[name]!.bind(target),
        });
      };
      return shelf;
    },
  };
}

function server(make: () => ModelServer): Partial<Parts> {
  return { server: make };
}

function tab(
  change: (deps: TabDeps) => Partial<TabDeps>,
  after: (tab: Tab) => void = () => {},
): Partial<Parts> {
  return {
    tab: (deps) => {
      const made = new Tab({ ...deps, ...change(deps) });
      after(made);
      return made;
    },
  };
}

/** A tab that gives an edit up when the server is in trouble. */
function hasty(): Partial<Parts> {
  return {
    tab: (deps) => {
      const net: Net = {
        pull: (body) => deps.net.pull(body),
        async push(body) {
          const answer = await deps.net.push(body);
          const [first] = body.mutations;
          if (!answer.ok && answer.why === "busy" && first) await made.engine.park(first, "internal");
          return answer;
        },
      };
      const made = new Tab({ ...deps, net });
      return made;
    },
  };
}

class NoUids extends ModelServer {
  protected override seen(): boolean {
    return false;
  }
}

class TwiceTaken extends ModelServer {
  protected override known(): boolean {
    return false;
  }
  protected override seen(): boolean {
    return false;
  }
}

class Hurried extends ModelServer {
  protected override settle(client: { lmid: number; seq: number }, m: Mutation): void {
    client.lmid = m.id % 3 === 0 ? m.id + 1 : m.id;
    client.seq = this.state.version;
  }
}

class KeepsDeleted extends ModelServer {
  protected override since(user: string, base: number) {
    return super.since(user, base).filter((op) => op.op !== "del");
  }
}

class HidesRow extends ModelServer {
  private pulling = false;
  override pull(...args: Parameters<ModelServer["pull"]>) {
    this.pulling = true;
    try {
      return super.pull(...args);
    } finally {
      this.pulling = false;
    }
  }
  override snapshot(user: string): Map<string, string> {
    const seen = super.snapshot(user);
    if (this.pulling) seen.delete("workspace/w");
    return seen;
  }
}

function withoutCookieOrder(reply: PullReply): PullReply {
  return { ...reply, cookie: reply.cookie && { ...reply.cookie, order: reply.cookie.order - 1 } };
}

const WEEK_MS = 7 * 24 * 3_600_000;

/** What is broken, by which invariant it must be caught, and how it is put in. */
export const MUTANTS: [string, RegExp, Partial<Parts>][] = [
  ["a server that does not know an edit again under a new client", /^I1:/, server(() => new NoUids())],
  ["a server that takes every request for the first", /^I1:/, server(() => new TwiceTaken())],
  ["a server that acknowledges one edit more than it did", /^I11:|^I6:/, server(() => new Hurried())],
  ["a server that never sends deletions", /^I2:/, server(() => new KeepsDeleted())],
  ["a server that withholds a row", /^I5:/, server(() => new HidesRow())],
  [
    "a disk that forgets a commit",
    /^I10:/,
    disk((real) => ({
      async append(draft) {
        const { meta } = await real.book();
        if (meta.next_id % 4 !== 0) return real.append(draft);
        return { clientID: meta.clientID, id: meta.next_id, ...draft };
      },
    })),
  ],
  [
    "a disk that says saved before it has saved",
    /^I10:/,
    disk((real) => ({
      async append(draft) {
        const { meta } = await real.book();
        void real.append(draft).catch(() => {});
        return { clientID: meta.clientID, id: meta.next_id, ...draft };
      },
    })),
  ],
  [
    "a disk that stores the cookie without the rows",
    /^I2:/,
    disk((real) => ({
      settle: (asked, reply, now, offset) => real.settle(asked, { ...reply, patch: [] }, now, offset),
    })),
  ],
  [
    "a disk that stores another cookie than it got",
    /^I7:/,
    disk((real) => ({
      settle: (asked, reply, now, offset) => real.settle(asked, withoutCookieOrder(reply), now, offset),
    })),
  ],
  [
    "a journal that forgets at once",
    /^I6:/,
    disk((real) => ({
      settle: (asked, reply, now, offset) =>
        real.settle(asked, reply, now + 2 * WEEK_MS * (orderOdd(reply) ? 1 : 0), offset),
    })),
  ],
  [
    "an engine that numbers wrongly",
    /^I8:/,
    disk((real) => ({
      async book() {
        const book = await real.book();
        return { ...book, outbox: book.outbox.map((m) => ({ ...m, id: m.id + 1 })) };
      },
    })),
  ],
  ["a pump that drops what was answered 500", /^I6:|^I13:/, hasty()],
  [
    "a pump that does not come back after a failure",
    /^I8:/,
    tab((deps) => ({ timers: { after: (ms, task) => (ms > 500 ? () => {} : deps.timers.after(ms, task)) } })),
  ],
  ["an engine that does not show what was saved", /^I11:/, tab(() => ({ mutators: {} }))],
  [
    "an engine that leaves the optimistic effect of what was refused",
    /^I13:/,
    tab(
      () => ({}),
      ({ engine }) => {
        engine.rows.replay = (pending) => {
          for (const mutation of pending) engine.rows.play(mutation);
        };
      },
    ),
  ],
];

function orderOdd(reply: PullReply): boolean {
  return (reply.cookie?.order ?? 0) % 2 === 1;
}

export function parts(change: Partial<Parts>): Parts {
  return { ...SOUND, ...change };
}
