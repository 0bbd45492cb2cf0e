/** How the board says things about a box; reactive on the language. */
import { language, t, text } from "../core/i18n";
import { formatDay } from "../core/time";
import type { Box } from "../gen/api";
import { clock } from "../lib/clock.svelte";
import type { IconName } from "../ui/icons";
import type { Standing } from "./rules";

export const STANDING_ICON: Record<Standing, IconName> = {
  overdue: "alert",
  doing: "play",
  now: "bell",
  todo: "clock",
  missed: "close",
  done: "check",
  late: "check",
  skipped: "skip",
};

/** The tone a standing is shown in; the icon and the word say it too. */
export const STANDING_TONE: Record<Standing, "danger" | "warn" | "ok" | "accent" | "plain"> = {
  overdue: "danger",
  doing: "accent",
  now: "warn",
  todo: "plain",
  missed: "danger",
  done: "ok",
  late: "warn",
  skipped: "plain",
};

/** "14:05", or "次日 00:30" when it falls after the board's day. */
function timeOn(day: string, ms: number): string {
  const time = clock.hm(ms);
  const own = clock.day(ms);
  if (own === day) return time;
  return own > day && Date.parse(own) - Date.parse(day) <= 86_400_000
    ? t("board.next_day", { time })
    : `${formatDay(own, language())} ${time}`;
}

export function when(box: Box): string {
  if (box.start_at !== null && box.end_at !== null)
    return `${timeOn(box.day, box.start_at)}–${timeOn(box.day, box.end_at)}`;
  if (box.kind === "deadline" && box.due_at !== null)
    return t("board.due", { time: timeOn(box.day, box.due_at) });
  if (box.start_at !== null) return timeOn(box.day, box.start_at);
  return t("board.anytime");
}

/** Everything a block says, for those who cannot see where it lies. */
export function spoken(box: Box, standing: Standing, name: string): string {
  return [
    text(box.title),
    when(box),
    t(`board.standing.${standing}`),
    t(`board.q.${box.quadrant}`),
    name,
  ].join("，");
}
