import type { language } from "../core/i18n";
import { addDays } from "../core/time";

type Language = ReturnType<typeof language>;

/** A week by its first and last day: "11月17日 – 11月23日" / "17 Nov – 23 Nov"; with the year when it is not this one. */
export function weekLabel(monday: string, today: string, locale: Language): string {
  const days = [monday, addDays(monday, 6)];
  const year = days.some((day) => day.slice(0, 4) !== today.slice(0, 4));
  const format = new Intl.DateTimeFormat(locale === "en" ? "en-GB" : locale, {
    ...(year ? { year: "numeric" } : {}),
    month: "short",
    day: "numeric",
    timeZone: "UTC",
  });
  return days.map((day) => format.format(Date.parse(`${day}T00:00:00Z`))).join(" – ");
}
