import { zh as board } from "../board/zh";
import type { pages as campaignPages } from "../customers/campaigns/pages_zh";
import type { office as customersOffice } from "../customers/office_zh";
import type { pages as customersPages } from "../customers/pages_zh";
import { zh as customers } from "../customers/zh";
import type { pages as historyPages } from "../history/pages_zh";
import { zh as history } from "../history/zh";
import type { pages as jobsPages } from "../jobs/pages_zh";
import { zh as jobs } from "../jobs/zh";
import type { pages as noticesPages } from "../notices/pages_zh";
import { zh as notices } from "../notices/zh";
import type { pages as outboxPages } from "../outbox/pages_zh";
import { zh as outbox } from "../outbox/zh";
import type { office as outreachOffice } from "../outreach/office_zh";
import type { pages as outreachPages } from "../outreach/pages_zh";
import { zh as outreach } from "../outreach/zh";
import { zh as packs } from "../packs/zh";
import type { pages as rosterPages } from "../roster/pages_zh";
import { zh as roster } from "../roster/zh";
import type { commands } from "../shell/commands_zh";
import { zh as tasks } from "../tasks/zh";
import type { pages as teamPages } from "../team/pages_zh";
import { zh as team } from "../team/zh";
import type { Locale, Text } from "../gen/api";
import { zh as refusals } from "./refusals_zh";
import { zh as shell } from "./zh";

const zh = {
  ...shell,
  ...refusals,
  ...tasks,
  ...customers,
  ...outreach,
  ...roster,
  ...team,
  ...packs,
  ...board,
  ...history,
  ...notices,
  ...outbox,
  ...jobs,
};

/** Words that come with the pages of their room, so that the first load stays small. */
type Later = typeof campaignPages &
  typeof customersPages &
  typeof customersOffice &
  typeof historyPages &
  typeof jobsPages &
  typeof noticesPages &
  typeof outboxPages &
  typeof outreachOffice &
  typeof outreachPages &
  typeof rosterPages &
  typeof commands &
  typeof teamPages;
export type TextKey = keyof typeof zh | keyof Later;
export type Table = Record<TextKey, string>;

/** Chinese is always there, but for what comes later; English comes when it is asked for, and whole. */
const tables: { "zh-CN": Table; en: Table | null } = { "zh-CN": zh as typeof zh & Later, en: null };

/** Adds Chinese words of a room whose first page is about to be shown. */
export function addTexts(more: Partial<Later>): void {
  Object.assign(tables["zh-CN"], more);
}

/** Fetches the texts of a language; to be awaited before it is shown. */
export async function loadLanguage(wanted: Locale): Promise<Table> {
  if (wanted === "en") tables.en ??= (await import("./all_en")).en;
  return tables[wanted] ?? tables["zh-CN"];
}

let locale: () => Locale = () => "zh-CN";

/** Preferences hand in a reactive getter, so that every text on the screen follows a change of language. */
export function useLocale(source: () => Locale): void {
  locale = source;
}

export function language(): Locale {
  return locale();
}

export type Params = Record<string, string | number>;

/** The text of a key in the current language, with `{name}` filled in from `params`. */
export function t(key: TextKey, params?: Params): string {
  return fill((tables[locale()] ?? tables["zh-CN"])[key], params);
}

/** For keys put together at run time, such as the name of a command; undefined when there is no such text. */
export function maybe(key: string, params?: Params): string | undefined {
  const table = (tables[locale()] ?? zh) as Record<string, string | undefined>;
  const found = table[key];
  return found === undefined ? undefined : fill(found, params);
}

/** A bilingual text in the current language; an empty one falls back to the other. */
export function text(value: Text): string {
  return locale() === "en" ? value.en || value.zh : value.zh || value.en;
}

/** Why the server, or this device, refused. */
export function refusal(code: string): string {
  return maybe(`refusal.${code}`) ?? t("refusal.internal");
}

/** What a command is called in front of people. */
export function commandName(name: string): string {
  return maybe(`command.${name}`) ?? name;
}

function fill(template: string, params?: Params): string {
  if (!params) return template;
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => String(params[name] ?? whole));
}
