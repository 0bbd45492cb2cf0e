import { dayOf, hmOf } from "../core/time";

const TICK_MS = 15_000;
const HOME = "Asia/Shanghai";

let offset = $state(0);
let device = $state(Date.now());
let zone = $state(HOME);

/** The device's clock corrected by the server's, read through the zone of the workspace. */
export const clock = {
  /** UTC milliseconds; moves every 15 s, so views may depend on it. */
  get now(): number {
    return device + offset;
  },
  /** The business day of the workspace. */
  get today(): string {
    return dayOf(this.now, zone);
  },
  get zone(): string {
    return zone;
  },
  /** The present instant for stamping an edit; not reactive. */
  exact(): number {
    return Date.now() + offset;
  },
  /** The local day and time of an instant in the workspace's zone. */
  day(ms: number): string {
    return dayOf(ms, zone);
  },
  hm(ms: number): string {
    return hmOf(ms, zone);
  },
};

export function correctClock(ms: number): void {
  offset = ms;
}

/** An unknown zone name keeps the one we have: a wrong hour is worse than none, a crash is worst. */
export function useZone(name: string): void {
  try {
    hmOf(0, name);
    zone = name;
  } catch {
    // Not known to this browser.
  }
}

/** Starts the ticking; a page that was asleep catches up when it is seen again. */
export function startClock(): void {
  const tick = (): void => void (device = Date.now());
  setInterval(tick, TICK_MS);
  document.addEventListener("visibilitychange", tick);
  addEventListener("pageshow", tick);
}
