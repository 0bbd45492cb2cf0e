/** What the history page says of this room: steps, tries and hours, each in a line. Reactive on the language. */
import { maybe, t } from "../core/i18n";
import { buyerName, personName } from "../customers/words";
import type { ChainStep, HoursOf, Outreach, OutreachAttempt } from "../gen/api";
import { channelText, reasonName, waitText } from "./words";
import "./office_zh";

export { outcomeText } from "./words";

export const caseName = (row: Outreach): string =>
  `${buyerName(row.customer_id)} · ${reasonName(row.reason_id)}`;

const span = (from: string | null, until: string | null): string =>
  from === null && until === null ? "" : `${from ?? ""}–${until ?? ""}`;

const list = (...parts: string[]): string => parts.filter(Boolean).join(" · ");

function stepText(step: ChainStep): string {
  const preferred = span(step.prefer_from, step.prefer_until);
  return list(
    step.channels.map(channelText).join(t("outreach.or")),
    span(step.from, step.until),
    preferred && t("chains.preferred", { span: preferred }),
    step.attempts > 1 ? t("outreach.times", { n: step.attempts }) : "",
    step.wait_minutes > 0 ? t("chains.wait_n", { length: waitText(step.wait_minutes) }) : "",
    step.then === "end" ? t("chains.then.end") : "",
  );
}

const tryText = ({ channel, result, author_id, note }: OutreachAttempt): string =>
  list(
    channelText(channel),
    t(`outreach.result.${result}`),
    author_id === null ? "" : personName(author_id),
    note,
  );

function hoursText(hours: Record<string, HoursOf>): string {
  const line = ([channel, one]: [string, HoursOf]): string => {
    const preferred = span(one.prefer_from, one.prefer_until);
    const name = maybe(`chains.hours_of.${channel}`) ?? channel;
    return list(
      `${name} ${span(one.from, one.until)}`,
      preferred && t("chains.preferred", { span: preferred }),
    );
  };
  return Object.entries(hours).map(line).join("\n");
}

/** A recorded object of this room in words; null for one of another room. */
export function itemText(value: Record<string, unknown>): string | null {
  if (Array.isArray(value["channels"])) return stepText(value as unknown as ChainStep);
  if ("result" in value && "step" in value) return tryText(value as unknown as OutreachAttempt);
  if ("im_reminder" in value) return hoursText(value as unknown as Record<string, HoursOf>);
  return null;
}
