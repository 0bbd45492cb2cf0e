import { en as board_en } from "../board/en";
import { zh as board } from "../board/zh";
import type { Locale, Text } from "../gen/api";
import { en as history_en } from "../history/en";
import { zh as history } from "../history/zh";
import { en as jobs_en } from "../jobs/en";
import { zh as jobs } from "../jobs/zh";
import { en as outbox_en } from "../outbox/en";
import { zh as outbox } from "../outbox/zh";
import { en as packs_en } from "../packs/en";
import { zh as packs } from "../packs/zh";
import { en as roster_en } from "../roster/en";
import { zh as roster } from "../roster/zh";
import { en as tasks_en } from "../tasks/en";
import { zh as tasks } from "../tasks/zh";
import { en as team_en } from "../team/en";
import { zh as team } from "../team/zh";
import { en as shell_en } from "./en";
import { en as refusals_en, zh as refusals } from "./refusals";
import { zh as shell } from "./zh";

const zh = { ...shell, ...refusals, ...tasks, ...roster, ...team, ...packs, ...board, ...history, ...outbox, ...jobs };

export type TextKey = keyof typeof zh;

const tables: Record<Locale, Record<TextKey, string>> = {
  "zh-CN": zh,
  en: {
    ...shell_en,
    ...refusals_en,
    ...tasks_en,
    ...roster_en,
    ...team_en,
    ...packs_en,
    ...board_en,
    ...history_en,
    ...outbox_en,
    ...jobs_en,
  },
};

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
  return fill(tables[locale()][key], params);
}

/** For keys put together at run time, such as the name of a command; undefined when there is no such text. */
export function maybe(key: string, params?: Params): string | undefined {
  const table = tables[locale()] as Record<string, string | undefined>;
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
