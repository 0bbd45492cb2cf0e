import { realTimers } from "../core/timers";
import type { SessionUser, SessionWorkspace } from "../core/wire";
import { Session, type Profile, type SessionState } from "../sync/session";
import { useZone } from "./clock.svelte";
import { data, sync } from "./data.svelte";
import { openHouse, type House } from "./house";
import { recall, remember, storageKey } from "./local";
import { prefs } from "./prefs.svelte";

const PROFILE = "profile";
const PATIENCE_MS = 5_000;

let profile = $state.raw<Profile | null>(null);
let status = $state<SessionState>("none");
let reason = $state<string | null>(null);
/** Whether the rows on disk have been looked at. */
let opened = $state(false);

let house: House | null = null;
let changing: Promise<void> = Promise.resolve();

const core = new Session({
  fetch: (input, init) => fetch(input, init),
  timers: realTimers,
  now: Date.now,
  load: loadProfile,
  save: (kept) => remember(PROFILE, kept && JSON.stringify(kept)),
  alone,
});

export const session = {
  /** Name, role and team as of the last sync, else as of the sign-in. */
  get user(): SessionUser | null {
    if (!profile) return null;
    const row = data.get("person", profile.user.id);
    return row ? { ...profile.user, name: row.name, role: row.role, team_id: row.team_id } : profile.user;
  },
  get workspace(): SessionWorkspace | null {
    if (!profile) return null;
    const row = data.all("workspace")[0];
    return row ? { id: row.id, name: row.name, zone: row.zone, locale: row.locale } : profile.workspace;
  },
  get device_id(): string | null {
    return profile?.device_id ?? null;
  },
  /** "out": the server has ended the session; edits wait on this device for the next sign-in. */
  get status(): SessionState {
    return status;
  },
  /** The code with which the server ended the session. */
  get reason(): string | null {
    return reason;
  },
  get opened(): boolean {
    return opened;
  },
  /** A request to our own server, such as `api("/api/v1/jobs/dead")`, with the session's token. */
  api(path: string, init?: RequestInit): Promise<Response> {
    return core.api(path, init);
  },
  /** The same without a time limit but the signal's: for large bodies, and for answers that are read while they arrive. */
  open(path: string, init: RequestInit): Promise<Response> {
    return core.open(path, init);
  },
  /** A request as by `api`, read as JSON; throws Refused (with its code) or Unreachable. */
  json<T>(path: string, init?: RequestInit): Promise<T> {
    return core.json<T>(path, init);
  },
  login(login: string, password: string): Promise<void> {
    return core.enter("/api/auth/login", { login, password, device_name: deviceName() });
  },
  /** First set-up or the acceptance of an invitation; both end signed in. */
  enter(path: string, body: Record<string, unknown>): Promise<void> {
    return core.enter(path, body);
  },
  /** The rows leave the device with the session; edits that were not sent stay for the next sign-in here. */
  async logout(): Promise<void> {
    await house?.engine.forget();
    await core.leave();
    await changing;
  },
  can(cap: "supervise" | "own"): boolean {
    const role = session.user?.role;
    return role === "owner" || (cap === "supervise" && role === "supervisor");
  },
};

/** Opens the rooms of whoever was signed in when the app was last closed, network or not. */
export function startSession(): void {
  core.onChange = changed;
  changed();
  const seen = (): void => {
    if (document.visibilityState === "hidden") house?.rest();
    else resume();
  };
  document.addEventListener("visibilitychange", seen);
  addEventListener("pageshow", (event) => event.persisted && resume());
  addEventListener("online", resume);
  addEventListener("storage", (event) => {
    // Another tab has signed out, or somebody else in.
    if (event.key === storageKey(PROFILE) && loadProfile()?.user.id !== core.profile?.user.id)
      location.reload();
  });
  addEventListener("beforeunload", (event) => {
    // Without a disk the edits in memory go with the page.
    if (sync.state === "storage_failed" && sync.pending > 0) event.preventDefault();
  });
}

function resume(): void {
  if (core.state === "out") void core.retry();
  house?.resume();
}

function changed(): void {
  profile = core.profile;
  status = core.state;
  reason = core.reason;
  if (profile) {
    useZone(profile.workspace.zone);
    if (!prefs.chosen) prefs.locale = profile.user.locale;
  }
  changing = changing.then(follow);
}

/** Moves to the rooms of the present user; one change after another. */
async function follow(): Promise<void> {
  const wanted = core.profile?.user.id ?? null;
  if (house && house.userId !== wanted) {
    house.close();
    house = null;
    opened = false;
  }
  if (wanted && !house) {
    house = await openHouse(wanted, core);
    opened = true;
  } else if (core.state === "in") {
    house?.resume();
  }
  // A revoked device keeps nothing but the edits its user has made.
  if (core.state === "out" && core.reason === "session_revoked") await house?.engine.forget();
}

/** One tab at a time, but no tab for ever: a frozen one may hold the lock. */
async function alone<T>(task: () => Promise<T>): Promise<T> {
  if (!navigator.locks) return task();
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), PATIENCE_MS);
  let started = false;
  const run = (): Promise<T> => {
    started = true;
    clearTimeout(timer);
    return task();
  };
  try {
    return await navigator.locks.request("dutyboard-refresh", { signal: patience.signal }, run);
  } catch (error) {
    if (started) throw error;
    return task();
  }
}

function loadProfile(): Profile | null {
  try {
    const kept = JSON.parse(recall(PROFILE) ?? "null") as Profile | null;
    return kept?.user?.id && kept.workspace?.zone ? kept : null;
  } catch {
    return null;
  }
}

/** What the list of devices shows, such as "Android Chrome". */
function deviceName(): string {
  const agent = navigator.userAgent;
  const system = ["iPhone", "iPad", "Android", "Windows", "Mac", "Linux"].find((word) =>
    agent.includes(word),
  );
  const program = [
    ["MicroMessenger", "WeChat"],
    ["Edg/", "Edge"],
    ["Firefox", "Firefox"],
    ["Chrome", "Chrome"],
    ["Safari", "Safari"],
  ].find(([mark]) => agent.includes(mark!))?.[1];
  return [system, program].filter(Boolean).join(" ") || "Browser";
}
