import { SCHEMA, type Book } from "./book";
import type { Engine, EngineDeps } from "./engine";
import type { Answer, Failure, StateError } from "./net";
import type { Cookie, Mutation, PullReply, PushResult } from "./types";

/** The most edits in one request. */
const CHUNK = 200;
const PULL_EVERY_MS = 60_000;
/** While edits wait for their acknowledgement. */
const FLUSH_EVERY_MS = 5_000;
const BACKOFF_MIN_MS = 1_000;
const BACKOFF_MAX_MS = 60_000;
const OUTDATED_MS = 60_000;
/** A refusal that no retry of ours can cure; asked again at leisure. */
const REFUSED_MS = 300_000;
/** New identities in one round; more means that something else is wrong. */
const REKEYS = 2;

type Outcome = { ok: true } | Failure;
const DONE: Outcome = { ok: true };

/**
 * Sends what is pending, then fetches what is new; again and again while this tab leads. Nothing the server or the
 * network does makes it drop an edit: one that can never be taken is set aside as a rejection the user sees.
 */
export class Pump {
  leading = false;

  private running = false;
  private again = false;
  private failures = 0;
  /** The server asked us to stay away until then. */
  private notBefore = 0;
  private cancel: () => void = () => {};
  private rekeys = 0;
  /** The count of rows did not fit: fetch all of them, once. */
  private reset: "no" | "wanted" | "tried" = "no";
  private idle: Promise<void> = Promise.resolve();

  constructor(
    private readonly engine: Engine,
    private readonly deps: EngineDeps,
  ) {}

  lead(on: boolean): void {
    if (this.leading === on) return;
    this.leading = on;
    if (on) this.wake();
    else this.cancel();
  }

  stop(): void {
    this.leading = false;
    this.cancel();
  }

  /** Starts a round now, or when the server's own waiting time is over. */
  wake(): void {
    if (!this.leading) return;
    if (this.running) {
      this.again = true;
      return;
    }
    const wait = this.notBefore - this.deps.now();
    // A time further away than can be asked for was noted under another clock.
    if (wait > 0 && wait <= REFUSED_MS) this.schedule(wait);
    else this.idle = this.round();
  }

  /** Resolves when no round is under way. */
  settled(): Promise<void> {
    return this.idle;
  }

  private schedule(ms: number): void {
    this.cancel();
    this.cancel = this.deps.timers.after(ms, () => this.wake());
  }

  private async round(): Promise<void> {
    this.cancel();
    this.running = true;
    this.again = false;
    this.notBefore = 0;
    const { status } = this.engine;
    // A quiet look once a minute is not shown as work.
    if (status.pending > 0 || !status.ready) this.engine.setStatus({ state: "syncing" });
    let outcome: Outcome;
    try {
      outcome = await this.sync();
    } catch {
      // A fault of ours must not stop the queue for ever.
      outcome = { ok: false, why: "busy" };
    }
    this.running = false;
    if (!this.leading) return;
    this.next(outcome);
  }

  private next(outcome: Outcome): void {
    if (outcome.ok) {
      this.failures = 0;
      this.engine.setStatus({ online: true, state: "idle" });
      if (this.again) this.wake();
      else this.schedule(this.engine.status.pending > 0 ? FLUSH_EVERY_MS : PULL_EVERY_MS);
      return;
    }
    this.failures++;
    if (outcome.why === "auth") {
      // A new sign-in pokes.
      this.engine.setStatus({ online: true, state: "signed_out" });
      this.schedule(REFUSED_MS);
      return;
    }
    this.engine.setStatus({ online: outcome.why !== "offline", state: "offline" });
    let wait = outcome.after;
    if (wait === undefined && outcome.why !== "offline" && outcome.why !== "busy") wait = REFUSED_MS;
    if (wait !== undefined) this.notBefore = this.deps.now() + Math.min(wait, REFUSED_MS);
    this.schedule(wait ?? this.backoff());
  }

  private backoff(): number {
    const full = Math.min(BACKOFF_MAX_MS, BACKOFF_MIN_MS * 2 ** (this.failures - 1));
    const roll = this.deps.random(new Uint8Array(1))[0] ?? 0;
    return full / 2 + (full / 2) * (roll / 255);
  }

  private async sync(): Promise<Outcome> {
    this.rekeys = 0;
    for (;;) {
      const pushed = await this.push();
      // It may have taken a part: fetch the acknowledgements, so that the next round sends only the rest.
      if (!pushed.ok && !pushed.partly) return pushed;
      const pulled = await this.pull();
      if (pulled === "again") continue;
      return pushed.ok ? pulled : pushed;
    }
  }

  private async push(): Promise<Outcome> {
    let size = CHUNK;
    let sent = 0;
    for (;;) {
      const book = await this.engine.book();
      const batch = chunk(book.outbox, sent, size);
      const [first] = batch;
      const last = batch[batch.length - 1];
      if (!first || !last) return DONE;
      const answer = await this.send(book, batch);
      if (answer.ok) {
        const stop = await this.accepted(answer.body, book);
        if (stop === "again") sent = 0;
        else if (stop) return stop;
        else sent = last.id;
      } else if (answer.why === "bad" || answer.why === "too_large") {
        if (batch.length > 1) {
          size = Math.ceil(batch.length / 2);
          continue;
        }
        // A server or a network that refuses even an empty push must not empty the queue.
        if (!(await this.send(book, [])).ok) return { ok: false, why: "refused" };
        // It may have been done before, and only the word of it lost.
        const pulled = await this.pull();
        if (pulled !== "again" && !pulled.ok) return pulled;
        const code = answer.code ?? (answer.why === "too_large" ? "too_large" : "bad_request");
        if (pulled !== "again" && (await this.waits(first))) await this.engine.park(first, code);
        size = CHUNK;
        sent = 0;
      } else if (answer.why === "forbidden") {
        // The group is bound to somebody else, as on a copied disk: come back as a new one.
        if (!(await this.renew(book))) return answer;
        sent = 0;
      } else {
        return answer;
      }
    }
  }

  private async waits(mutation: Mutation): Promise<boolean> {
    return (await this.engine.book()).outbox.some((m) => m.uid === mutation.uid);
  }

  /** After a 200: null to go on, "again" after a new identity, or why to stop. */
  private async accepted(
    body: { results: PushResult[] } | StateError,
    book: Book,
  ): Promise<Outcome | "again" | null> {
    if ("error" in body) return this.lost(body, book);
    const lost = body.results.some((r) => r.code === "unknown_client" || r.code === "gap");
    if (!lost) return null;
    return (await this.renew(book)) ? "again" : { ok: false, why: "busy" };
  }

  private async lost(body: StateError, book: Book): Promise<Outcome | "again"> {
    if (body.error === "ClientStateNotFound") {
      return (await this.renew(book)) ? "again" : { ok: false, why: "busy" };
    }
    this.deps.onOutdated();
    return { ok: false, why: "busy", after: OUTDATED_MS };
  }

  private send(book: Book, mutations: Mutation[]): Promise<Answer<{ results: PushResult[] } | StateError>> {
    return this.deps.net.push({
      pushVersion: 1,
      clientGroupID: book.meta.clientGroupID,
      profileID: this.deps.userId,
      schemaVersion: mutations[0]?.schema ?? SCHEMA,
      mutations,
    });
  }

  private async renew(book: Book): Promise<boolean> {
    if (++this.rekeys > REKEYS) return false;
    await this.engine.rekey(book.meta.clientGroupID);
    return true;
  }

  private ask(book: Book, cookie: Cookie): Promise<Answer<PullReply | StateError>> {
    return this.deps.net.pull({
      pullVersion: 1,
      clientGroupID: book.meta.clientGroupID,
      cookie,
      profileID: this.deps.userId,
      schemaVersion: SCHEMA,
    });
  }

  /** "again" means: push first, then pull once more. */
  private async pull(): Promise<Outcome | "again"> {
    for (let attempt = 0; attempt < 3; attempt++) {
      const book = await this.engine.book();
      const { cookie, clientGroupID } = book.meta;
      const left = this.deps.now();
      const answer = await this.ask(book, this.reset === "wanted" ? null : cookie);
      if (!answer.ok) {
        if (answer.why === "forbidden" && answer.code && (await this.renew(book))) return "again";
        // A cookie it cannot read: start from nothing, once.
        if (answer.why === "bad" && cookie && this.reset === "no") {
          this.reset = "wanted";
          continue;
        }
        return answer;
      }
      if ("error" in answer.body) return this.lost(answer.body, book);
      const back = this.deps.now();
      const offset =
        answer.body.now === undefined ? this.engine.status.offset : answer.body.now - (left + back) / 2;
      const settled = await this.engine.settle({ cookie, clientGroupID }, answer.body, offset);
      if (settled === "older") return { ok: false, why: "busy" };
      if (settled === "future" || settled === "past")
        return (await this.renew(book)) ? "again" : { ok: false, why: "busy" };
      if (settled === "moved") continue;
      if (this.fits(answer.body)) return DONE;
    }
    return DONE;
  }

  /** Compares the server's check of our rows with ours; at a difference all rows are fetched anew, but only once. */
  private fits(reply: PullReply): boolean {
    const { check } = reply;
    const ours = check && this.engine.check;
    if (!check || (ours?.n === check.n && ours.h === check.h)) {
      if (check || this.reset === "wanted") this.reset = "no";
      return true;
    }
    if (this.reset !== "no") {
      this.reset = "tried";
      return true;
    }
    this.reset = "wanted";
    return false;
  }
}

/** The next edits of one schema, in order. */
function chunk(outbox: Mutation[], sent: number, size: number): Mutation[] {
  const rest = outbox.filter((m) => m.id > sent).slice(0, size);
  const other = rest.findIndex((m) => m.schema !== rest[0]?.schema);
  return other < 0 ? rest : rest.slice(0, other);
}
