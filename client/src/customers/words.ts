/** How the customers' pages say names, times and gaps; reactive on the language and the clock. */
import { language, t, text } from "../core/i18n";
import { formatAt, HOUR, MINUTE } from "../core/time";
import type { Callback, Customer } from "../gen/api";
import { clock } from "../lib/clock.svelte";
import { data } from "../lib/data.svelte";
import { instantText, lengthText } from "../tasks/words";
import { cardOf } from "./remote.svelte";
import { gapOf, isOverdue, titleOf, type Gap, type Offer } from "./rules";
import { isOpen } from "./state";
import "./pages_zh";

export { instantText as momentText };

/** What to call the buyer of a row; those whose card is not here have no name. */
export function buyerName(id: string): string {
  const card = cardOf(id);
  return card ? titleOf(card) : t("customers.unknown");
}

/** A contact without an author was made by the system itself, such as a mail of a chain. */
export function personName(id: string | null): string {
  if (id === "") return t("customers.system");
  return data.get("person", id)?.name ?? t(id === null ? "customers.nobody" : "customers.somebody");
}

export const shopName = (card: Customer): string => data.get("shop", card.shop_id)?.name ?? "";

/** A callback's time: a moment, or from when until when. */
export function windowText(row: Callback): string {
  const from = instantText(row.due_at);
  return row.until_at > row.due_at ? `${from}–${clock.hm(row.until_at)}` : from;
}

/** How it stands against the clock: "逾期 20 分钟", "还有 8 分钟"; empty when there is time. */
export function pressText(row: Callback): string {
  const { now } = clock;
  if (!isOpen(row)) return "";
  if (isOverdue(row, now)) return t("customers.overdue_by", { length: lengthText(now - row.until_at) });
  const left = (row.due_at > now ? row.due_at : row.until_at) - now;
  if (left > HOUR) return "";
  return t(row.due_at > now ? "customers.in" : "customers.left", { length: lengthText(left) });
}

export function offerText(offer: Offer): string {
  if (offer.kind === "in") return t("customers.after", { length: lengthText(offer.minutes * MINUTE) });
  return offer.kind === "today" ? offer.hm : `${t("ui.tomorrow")} ${offer.hm}`;
}

export const gapOfCard = (card: Customer): Gap | null =>
  gapOf(card, data.get("care_policy", card.tier), clock.now, clock.zone);

export const tierName = (card: Customer): string => {
  const policy = data.get("care_policy", card.tier);
  return policy ? text(policy.name) : "";
};

export const daysText = (gap: Gap): string =>
  gap.days === 0 ? t("customers.days_0") : t("customers.days", { n: gap.days });

export const atText = (ms: number): string => formatAt(ms, language(), clock.zone);

/** A day of any year, such as an order's. */
export const dateText = (ms: number): string => `${clock.day(ms)} ${clock.hm(ms)}`;

export const moneyText = (cents: number): string =>
  (cents / 100).toLocaleString(language(), {
    style: "currency",
    currency: "CNY",
    currencyDisplay: "narrowSymbol",
  });

export const sizeText = (bytes: number): string =>
  bytes < 1024 * 1024
    ? `${Math.max(1, Math.round(bytes / 1024))} KB`
    : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
