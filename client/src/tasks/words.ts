/** How an agent's pages say times, days and lengths; reactive on the language and the clock. */
import { language, t, text } from "../core/i18n";
import { addDays, daysBetween, formatDay } from "../core/time";
import type { Assignment, Box } from "../gen/api";
import { clock } from "../lib/clock.svelte";
import { data } from "../lib/data.svelte";
import { endOf } from "../roster/mine";
import type { Colleague } from "../team/on_now";
import { lengthOf } from "./rules";

/** "3 小时 20 分"; what is left out is zero. */
export function lengthText(ms: number): string {
  const { d, h, m } = lengthOf(ms);
  if (d > 0) return h > 0 ? t("tasks.len_dh", { d, h }) : t("tasks.len_d", { d });
  if (h > 0) return m > 0 ? t("tasks.len_hm", { h, m }) : t("tasks.len_h", { h });
  return m > 0 ? t("tasks.len_m", { m }) : t("tasks.len_0");
}

/** "今天", "明天", "昨天", else "11月24日 周一". */
export function dayText(day: string): string {
  const { today } = clock;
  if (day === today) return t("ui.today");
  if (day === addDays(today, 1)) return t("ui.tomorrow");
  if (day === addDays(today, -1)) return t("ui.yesterday");
  return formatDay(day, language());
}

/** "16:30", "明天 10:00": the day only when it is another one. */
export function instantText(ms: number): string {
  const day = clock.day(ms);
  return day === clock.today ? clock.hm(ms) : `${dayText(day)} ${clock.hm(ms)}`;
}

/** A local time under a business day: "14:05", "00:30 +1" after its midnight, with the date when it is further off. */
export function timeOn(day: string, ms: number): string {
  const days = daysBetween(day, clock.day(ms));
  if (days === 0) return clock.hm(ms);
  return days === 1 ? `${clock.hm(ms)} +1` : `${formatDay(clock.day(ms), language())} ${clock.hm(ms)}`;
}

/** A box's time in one line, as in its sheet. */
export function whenText(box: Box): string {
  const { day, start_at, end_at, due_at } = box;
  if (start_at !== null && end_at !== null) return `${timeOn(day, start_at)} – ${timeOn(day, end_at)}`;
  if (start_at !== null) return t("tasks.from_time", { time: timeOn(day, start_at) });
  if (box.kind === "deadline" && due_at !== null) return t("tasks.by_time", { time: timeOn(day, due_at) });
  return t("tasks.anytime");
}

/** The end of a shift: "17:30", or "06:00 +1" when it is over midnight. */
export function endText(shift: Assignment): string {
  const { hm, days } = endOf(shift);
  return days > 0 ? `${hm} +${days}` : hm;
}

/** A moment beside a shift: only the time on the shift's own day, else with the weekday: "周四 23:30". */
export function momentText(ms: number, day: string): string {
  const own = clock.day(ms);
  return own === day ? clock.hm(ms) : `${formatDay(own, language(), "weekday")} ${clock.hm(ms)}`;
}

/** The names of the holders of shifts; of many, the first two and how many there are. */
export function peopleText(shifts: Assignment[]): string {
  const names = shifts.flatMap((shift) => data.get("person", shift.person_id)?.name ?? []);
  const separator = language() === "en" ? ", " : "、";
  if (names.length <= 2) return names.join(separator);
  return t("shift.and_more", { names: names.slice(0, 2).join(separator), n: names.length });
}

/** Shop and seat of a shift, as far as it has them. */
export function placeText(shift: Assignment): string {
  const shop = data.get("shop", shift.shop_id)?.name ?? t("shift.no_shop");
  const seat = data.get("seat", shift.seat_id)?.name;
  return seat ? `${shop} · ${seat}` : shop;
}

/** Where a colleague stands: "早班 · 到 17:30", "明天 08:30 上班". */
export function statusText({ status, shift }: Colleague): string {
  if (!shift) return t("onnow.unplanned");
  if (status === "on") return `${text(shift.name)} · ${t("onnow.until", { time: endText(shift) })}`;
  return t("onnow.next_at", { day: dayText(shift.day), time: shift.start });
}
