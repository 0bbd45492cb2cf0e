import type { Reject } from "../gen/api";
import { hash53 } from "../core/hash";
import type { Check, Kind, Kinds, Mutation, Mutators, View } from "./types";

type Row = { id: string };
type Table = Map<string, Row>;
/** Over the base: a row that replaces or adds, or null for one taken away. */
type Layer = Map<string, Row | null>;

/**
 * What is shown: the last snapshot of the server, and over it the effects of everything not yet acknowledged.
 * Rows are values; a mutator puts a new object and never changes the one it got.
 */
const LIMIT = 2 ** 53;

/** Count and order-free hash of rows, as the server computes it over what it sent. */
export function checkOf(rows: Iterable<[string, unknown]>): Check {
  const check = { n: 0, h: 0 };
  for (const [key, row] of rows) {
    check.n++;
    // Two 53-bit numbers may add up to more than a number holds exactly.
    const room = LIMIT - check.h;
    const hash = hash53(`${key}\n${JSON.stringify(row)}`);
    check.h = hash >= room ? hash - room : check.h + hash;
  }
  return check;
}

export class Rows implements View {
  private base = new Map<Kind, Table>();
  private over = new Map<Kind, Layer>();
  private lists = new Map<Kind, Row[]>();
  private dirty = new Set<Kind>();
  /** What one mutator has overwritten, to be put back if it throws. */
  private journal: (() => void)[] | null = null;

  constructor(
    private readonly mutators: Mutators,
    private readonly userId: string,
  ) {}

  get<K extends Kind>(kind: K, id: string): Kinds[K] | undefined {
    const above = this.over.get(kind)?.get(id);
    if (above !== undefined) return (above ?? undefined) as Kinds[K] | undefined;
    return this.base.get(kind)?.get(id) as Kinds[K] | undefined;
  }

  all<K extends Kind>(kind: K): Kinds[K][] {
    let list = this.lists.get(kind);
    if (!list) {
      const layer = this.over.get(kind);
      const table = this.base.get(kind);
      list = [];
      for (const row of table?.values() ?? []) if (!layer?.has(row.id)) list.push(row);
      for (const row of layer?.values() ?? []) if (row) list.push(row);
      this.lists.set(kind, list);
    }
    // A copy: callers like to sort in place.
    return list.slice() as unknown as Kinds[K][];
  }

  put<K extends Kind>(kind: K, row: Kinds[K]): void {
    if (row === this.get(kind, row.id)) throw new Error(`${kind}: put a new object, rows are values`);
    this.lay(kind, row.id, row);
  }

  del(kind: Kind, id: string): void {
    this.lay(kind, id, null);
  }

  /** Plays one mutation over what is shown. One that throws, or that has no mutator here, shows no effect. */
  play(mutation: Mutation): void {
    const mutator = this.mutators[mutation.name as keyof Mutators] as
      ((view: View, args: unknown, ctx: { user_id: string; now: number }) => void) | undefined;
    if (!mutator) return;
    const journal = (this.journal = [] as (() => void)[]);
    try {
      mutator(this, mutation.args, { user_id: this.userId, now: mutation.timestamp });
    } catch {
      for (const restore of journal.reverse()) restore();
    } finally {
      this.journal = null;
    }
  }

  /** Drops all optimistic effects, and plays the given mutations again over the rejections only this device knows. */
  replay(pending: Iterable<Mutation>, parked: Iterable<Reject> = []): void {
    for (const kind of this.over.keys()) this.touch(kind);
    this.over.clear();
    for (const row of parked) this.lay("reject", row.id, row);
    for (const mutation of pending) this.play(mutation);
  }

  setBase(key: string, value: unknown): void {
    const [kind, id] = split(key);
    let table = this.base.get(kind);
    if (!table) this.base.set(kind, (table = new Map()));
    table.set(id, value as Row);
    this.touch(kind);
  }

  delBase(key: string): void {
    const [kind, id] = split(key);
    if (this.base.get(kind)?.delete(id)) this.touch(kind);
  }

  clearBase(): void {
    for (const kind of this.base.keys()) this.touch(kind);
    this.base.clear();
  }

  /** What the server says the snapshot must come to: the number of rows and the sum of their hashes. */
  get check(): Check {
    return checkOf(this.entries());
  }

  /** The snapshot, key by key. */
  *entries(): Iterable<[string, unknown]> {
    for (const [kind, table] of this.base) for (const [id, row] of table) yield [`${kind}/${id}`, row];
  }

  get changed(): boolean {
    return this.dirty.size > 0;
  }

  /** The kinds that changed since the last call. */
  takeDirty(): Set<Kind> {
    const taken = this.dirty;
    this.dirty = new Set();
    return taken;
  }

  private lay(kind: Kind, id: string, row: Row | null): void {
    let layer = this.over.get(kind);
    if (!layer) this.over.set(kind, (layer = new Map()));
    const target = layer;
    const had = target.get(id);
    this.journal?.push(() => (had === undefined ? target.delete(id) : target.set(id, had)));
    target.set(id, row);
    this.touch(kind);
  }

  private touch(kind: Kind): void {
    this.lists.delete(kind);
    this.dirty.add(kind);
  }
}

function split(key: string): [Kind, string] {
  const slash = key.indexOf("/");
  return [key.slice(0, slash) as Kind, key.slice(slash + 1)];
}
