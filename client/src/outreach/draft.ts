/** A chain while it is edited, and hours as they are typed. Pure. */
import { isHm } from "../core/time";
import type { ChainStep, HoursChannel, HoursOf, StepChannel } from "../gen/api";

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

/** A local time as typed; "" is none. Undefined: no time. */
export function timeOf(typed: string): string | null | undefined {
  const hm = typed.trim().replace("：", ":").padStart(5, "0");
  if (typed.trim() === "") return null;
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
