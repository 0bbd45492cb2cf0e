/**
 * Zone-aware days and wall clocks on top of `Intl`. Instants are UTC milliseconds, days are "YYYY-MM-DD",
 * local times are "HH:MM". Nothing here reads the device's clock or zone.
 */
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

const parts = new Map<string, Intl.DateTimeFormat>();

function formatter(zone: string): Intl.DateTimeFormat {
  let found = parts.get(zone);
  if (!found) {
    found = new Intl.DateTimeFormat("en-CA", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
    });
    parts.set(zone, found);
  }
  return found;
}

/** The wall clock of `zone` at `ms`, written as if it were UTC. */
function wall(ms: number, zone: string): number {
  const p: Record<string, number> = {};
  for (const { type, value } of formatter(zone).formatToParts(ms)) p[type] = Number(value);
  return Date.UTC(p["year"]!, p["month"]! - 1, p["day"], p["hour"], p["minute"], p["second"]);
}

/** The local calendar day at an instant. */
export function dayOf(ms: number, zone: string): string {
  return new Date(wall(ms, zone)).toISOString().slice(0, 10);
}

/** The local time "HH:MM" at an instant. */
export function hmOf(ms: number, zone: string): string {
  return new Date(wall(ms, zone)).toISOString().slice(11, 16);
}

/**
 * The instant of a local day and time. A time skipped by a clock change moves forward by the gap; of a time that
 * occurs twice the first is meant. This is the server's rule too.
 */
export function at(day: string, hm: string, zone: string): number {
  const want = Date.parse(`${day}T${hm}:00Z`);
  // The offset differs from itself a day before and after only around a clock change.
  const before = wall(want - DAY, zone) - (want - DAY);
  const after = wall(want + DAY, zone) - (want + DAY);
  if (wall(want - before, zone) === want) return want - before;
  if (wall(want - after, zone) === want) return want - after;
  return want - before;
}

export function addDays(day: string, n: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + n * DAY).toISOString().slice(0, 10);
}

/** Whole days from `a` to `b`. */
export function daysBetween(a: string, b: string): number {
  return Math.round((Date.parse(`${b}T00:00:00Z`) - Date.parse(`${a}T00:00:00Z`)) / DAY);
}

/** 1 is Monday, 7 is Sunday. */
export function weekdayOf(day: string): number {
  return new Date(`${day}T00:00:00Z`).getUTCDay() || 7;
}

/** The Monday of the day's week. */
export function weekStart(day: string): string {
  return addDays(day, 1 - weekdayOf(day));
}

/** The seven days of the week that holds `day`, Monday first. */
export function weekOf(day: string): string[] {
  const monday = weekStart(day);
  return Array.from({ length: 7 }, (_, i) => addDays(monday, i));
}

/** "HH:MM" plus minutes, and how many midnights were passed. */
export function addMinutes(hm: string, minutes: number): { hm: string; days: number } {
  const total = Number(hm.slice(0, 2)) * 60 + Number(hm.slice(3, 5)) + minutes;
  const days = Math.floor(total / 1440);
  const rest = total - days * 1440;
  return { hm: `${pad(Math.floor(rest / 60))}:${pad(rest % 60)}`, days };
}

export function isHm(text: string): boolean {
  return /^(?:[01]\d|2[0-3]):[0-5]\d$/.test(text);
}

function pad(n: number): string {
  return String(n).padStart(2, "0");
}

const shown = new Map<string, Intl.DateTimeFormat>();

/** A day for people: "11月21日 周六" / "Sat, 21 Nov". */
export function formatDay(
  day: string,
  locale: string,
  style: "short" | "long" | "weekday" = "short",
): string {
  const options: Intl.DateTimeFormatOptions =
    style === "weekday"
      ? { weekday: "short" }
      : style === "long"
        ? { year: "numeric", month: "long", day: "numeric", weekday: "long" }
        : { month: "short", day: "numeric", weekday: "short" };
  return cached(locale, { ...options, timeZone: "UTC" }).format(Date.parse(`${day}T00:00:00Z`));
}

/** An instant for people, in the given zone: "11月21日 08:05" / "21 Nov, 08:05". */
export function formatAt(ms: number, locale: string, zone: string): string {
  return cached(locale, {
    month: "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    timeZone: zone,
  }).format(ms);
}

function cached(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const tag = locale === "en" ? "en-GB" : locale;
  const key = tag + JSON.stringify(options);
  let found = shown.get(key);
  if (!found) shown.set(key, (found = new Intl.DateTimeFormat(tag, options)));
  return found;
}
