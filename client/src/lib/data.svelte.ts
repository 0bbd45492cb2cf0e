import type { Engine } from "../sync/engine";
import { correctClock } from "./clock.svelte";
import type { ArgsOf, CommandName, Kind, Kinds, SyncState } from "../sync/types";

const KINDS: readonly Kind[] = [
  "workspace",
  "team",
  "shop",
  "skill",
  "seat",
  "person",
  "person_private",
  "shift_type",
  "assignment",
  "pack",
  "box",
  "customer",
  "reach",
  "callback",
  "care_policy",
  "campaign",
  "retention",
  "chain",
  "outreach_reason",
  "outreach_hours",
  "outreach",
  "notice",
  "robot",
  "reject",
];

/** The rows live in plain maps inside the engine; a counter per kind tells the screen that they changed. */
const versions = $state(Object.fromEntries(KINDS.map((kind) => [kind, 0])) as Record<Kind, number>);

let engine: Engine | null = null;
let ready = $state(false);
let stale = $state(false);
let online = $state(true);
let pending = $state(0);
let oldest = $state<number | null>(null);
let viewHours = $state(72);
let offset = $state(0);
let lastSync = $state<number | null>(null);
let state = $state<SyncState>("idle");
let updateReady = $state(false);
let applyUpdate: () => void = () => {};

/** The rows this person may see, pending edits included. Reading inside a template or `$derived` is reactive. */
export const data = {
  all<K extends Kind>(kind: K): Kinds[K][] {
    return versions[kind] >= 0 && engine ? engine.rows.all(kind) : [];
  },
  get<K extends Kind>(kind: K, id: string | null | undefined): Kinds[K] | undefined {
    return versions[kind] >= 0 && engine && id ? engine.rows.get(kind, id) : undefined;
  },
  /** Whether the first sync of this person on this device has been done. */
  get ready(): boolean {
    return ready;
  },
  /** The last sync is longer ago than the workspace allows: the rows are hidden until the server is reached. */
  get stale(): boolean {
    return stale;
  },
};

/**
 * Makes an edit. Resolves when it is safe on this device's disk (without a disk: when the server has it), and only
 * then may a screen say "saved". Stamps `args.at` with the server-corrected clock.
 */
export function mutate<N extends CommandName>(name: N, args: ArgsOf<N>): Promise<void> {
  if (!engine) return Promise.reject(new Error("no session"));
  askToPersist();
  return engine.mutate(name, args);
}

let asked = false;

/** From the first edit on there is something to lose: asks the browser not to evict it. Answers are shown in settings. */
function askToPersist(): void {
  if (asked) return;
  asked = true;
  navigator.storage?.persist?.().catch(() => {
    // A refusal changes nothing: edits are sent as soon as possible anyway.
  });
}

export const sync = {
  /** Edits that are only on this device. */
  get pending(): number {
    return pending;
  },
  /** When the oldest of them was made. */
  get oldest(): number | null {
    return oldest;
  },
  /** After how many hours without the server the rows are hidden. */
  get view_hours(): number {
    return viewHours;
  },
  /** Server clock minus device clock, in ms. */
  get offset(): number {
    return offset;
  },
  get last_sync(): number | null {
    return lastSync;
  },
  get online(): boolean {
    return online;
  },
  get state(): SyncState {
    return state;
  },
  /** A newer build is waiting for the user's tap. */
  get update_ready(): boolean {
    return updateReady;
  },
  poke(): void {
    engine?.poke();
  },
  apply_update(): void {
    applyUpdate();
  },
};

/** A rejection that only this device knows: the server could not even read the edit. */
export function isLocalReject(uid: string): boolean {
  return versions.reject >= 0 && (engine?.parked(uid) ?? false);
}

/** Shows the rows of one engine; null after signing out. */
export function attach(next: Engine | null): void {
  engine = next;
  if (next) {
    next.onRows = (kinds) => {
      for (const kind of kinds) versions[kind]++;
    };
    next.onStatus = copyStatus;
    copyStatus();
  } else {
    ready = false;
    stale = false;
    pending = 0;
    oldest = null;
    lastSync = null;
    state = "idle";
  }
  for (const kind of KINDS) versions[kind]++;
}

function copyStatus(): void {
  if (!engine) return;
  const now = engine.status;
  ready = now.ready;
  stale = now.stale;
  online = now.online;
  pending = now.pending;
  oldest = now.oldest;
  viewHours = now.viewHours;
  offset = now.offset;
  lastSync = now.lastSync;
  state = now.state;
  correctClock(now.offset);
}

export function offerUpdate(apply: () => void): void {
  applyUpdate = apply;
  updateReady = true;
}
