/** A chain while it is edited, and hours as they are typed. Pure. */
import { isHm } from "../core/time";
import type { ChainStep, HoursChannel, HoursOf, OutreachHours, StepChannel } from "../gen/api";

/** The channels a step may name: of a buyer's chain. */
export const BUYER_CHANNELS: readonly StepChannel[] = ["im", "email", "sms", "voice", "phone", "supervisor"];
export const HOURS_CHANNELS: readonly HoursChannel[] = [
  "im",
  "im_reminder",
  "email",
  "sms",
  "voice",
  "phone",
];
export const STEPS_MAX = 20;

export const newStep = (id: string): ChainStep => ({
  id,
  channels: ["im"],
  wait_minutes: 120,
  wait_in: "open",
  from: null,
  until: null,
  prefer_from: null,
  prefer_until: null,
  attempts: 1,
  attempts_a_day: 1,
  skill_code: null,
  then: "",
});

/** One step up or down; at the ends it stays. */
export function moved(steps: readonly ChainStep[], index: number, by: -1 | 1): ChainStep[] {
  const to = index + by;
  const after = steps.slice();
  if (!after[index] || !after[to]) return after;
  [after[index], after[to]] = [after[to], after[index]];
  return after;
}

/** Without a step; who led to it goes on to the next in the list. */
export const without = (steps: readonly ChainStep[], id: string): ChainStep[] =>
  steps.filter((step) => step.id !== id).map((step) => (step.then === id ? { ...step, then: "" } : step));

/** The channel one place nearer to the first choice. */
export function sooner(channels: readonly StepChannel[], index: number): StepChannel[] {
  const after = channels.slice();
  if (index > 0) [after[index - 1], after[index]] = [after[index]!, after[index - 1]!];
  return after;
}

export type Unit = "minutes" | "hours" | "days";
const IN: Record<Unit, number> = { minutes: 1, hours: 60, days: 1440 };
export const UNITS = Object.keys(IN) as Unit[];

/** A wait in the largest unit that holds it whole. */
export function waitOf(minutes: number): { n: number; unit: Unit } {
  const unit =
    minutes > 0 && minutes % 1440 === 0 ? "days" : minutes > 0 && minutes % 60 === 0 ? "hours" : "minutes";
  return { n: minutes / IN[unit], unit };
}

export const minutesOf = (n: number, unit: Unit): number => Math.max(0, Math.round(n * IN[unit]));

/** A local time as typed; "" is none. Undefined: no time. The number pad of a phone has no colon, so it may be left out. */
export function timeOf(typed: string): string | null | undefined {
  const digits = typed.trim();
  if (digits === "") return null;
  const hm = digits
    .replace(/[：.]/, ":")
    .replace(/^(\d{1,2})(\d\d)$/, "$1:$2")
    .padStart(5, "0");
  return isHm(hm) || hm === "24:00" ? hm : undefined;
}

/** Hours as typed, or null when they make no sense: a window has both ends, and what is preferred lies inside. */
export function hoursOf(typed: Record<keyof HoursOf, string>): HoursOf | null {
  const [from, until] = [timeOf(typed.from), timeOf(typed.until)];
  const [prefer_from, prefer_until] = [timeOf(typed.prefer_from), timeOf(typed.prefer_until)];
  if (!from || !until || prefer_from === undefined || prefer_until === undefined) return null;
  if (from >= until || (prefer_from === null) !== (prefer_until === null)) return null;
  const inside =
    prefer_from === null ||
    prefer_until === null ||
    (from <= prefer_from && prefer_from < prefer_until && prefer_until <= until);
  return inside ? { from, until, prefer_from, prefer_until } : null;
}

/** The hours of a shop while they are typed. */
export interface TypedHours {
  hours: Record<HoursChannel, Record<keyof HoursOf, string>>;
  decide: string;
  back: string;
  open_from: string;
  open_until: string;
  working_days_only: boolean;
}

const ofChannels = <T>(of: (channel: HoursChannel) => T): Record<HoursChannel, T> =>
  Object.fromEntries(HOURS_CHANNELS.map((one) => [one, of(one)])) as Record<HoursChannel, T>;

export function typedHours(row: Omit<OutreachHours, "id" | "shop_id">): TypedHours {
  const hours = ofChannels((channel) => {
    const { from, until, prefer_from, prefer_until } = row.hours[channel];
    return { from, until, prefer_from: prefer_from ?? "", prefer_until: prefer_until ?? "" };
  });
  const { decide_hours, return_days, open_from, open_until, working_days_only } = row;
  return {
    hours,
    decide: String(decide_hours),
    back: String(return_days),
    open_from,
    open_until,
    working_days_only,
  };
}

const count = (typed: string, most: number): number | null => {
  const n = Number(typed);
  return Number.isInteger(n) && n >= 1 && n <= most ? n : null;
};

export type HoursFault = HoursChannel | "open" | "decide" | "back";

/** Hours as typed, and what of them makes no sense; null as long as anything does not. */
export function readHours(typed: TypedHours): {
  faults: HoursFault[];
  hours: Omit<OutreachHours, "id" | "shop_id"> | null;
} {
  const faults: HoursFault[] = HOURS_CHANNELS.filter((one) => hoursOf(typed.hours[one]) === null);
  const [decide_hours, return_days] = [count(typed.decide, 720), count(typed.back, 60)];
  const [open_from, open_until] = [timeOf(typed.open_from), timeOf(typed.open_until)];
  const isOpen = !!open_from && !!open_until && open_from < open_until;
  if (!isOpen) faults.push("open");
  if (decide_hours === null) faults.push("decide");
  if (return_days === null) faults.push("back");
  if (faults.length > 0 || decide_hours === null || return_days === null || !isOpen)
    return { faults, hours: null };
  const hours = ofChannels((one) => hoursOf(typed.hours[one])!);
  const { working_days_only } = typed;
  return { faults, hours: { hours, decide_hours, return_days, open_from, open_until, working_days_only } };
}
