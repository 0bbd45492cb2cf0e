/** How campaigns are described; reactive on the language and on the names of rows. */
import { language, t, text } from "../../core/i18n";
import { formatDay } from "../../core/time";
import type { Campaign } from "../../gen/api";
import { data } from "../../lib/data.svelte";
import "../pages_zh";
import "./pages_zh";

export function daysText({ from, until }: Campaign): string {
  const [first, last] = [formatDay(from, language()), formatDay(until, language())];
  return from === until ? first : t("campaign.days", { from: first, until: last });
}

/** "金牌 · #春茶", "全部级别"; a tier that is no longer there has no name. */
export function whomText({ tier, tag }: Campaign): string {
  const policy = data.get("care_policy", tier);
  const name = tier === "" ? t("campaign.any_tier") : policy ? text(policy.name) : "";
  return [name, tag && `#${tag}`].filter(Boolean).join(" · ");
}
