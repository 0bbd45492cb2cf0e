import { afterEach, beforeAll, describe, expect, it } from "vitest";
import "../customers/campaigns/pages_zh";
import "../customers/office_zh";
import "../customers/pages_zh";
import "../history/pages_zh";
import "../jobs/pages_zh";
import "../notices/pages_zh";
import "../outbox/pages_zh";
import "../outreach/office_zh";
import "../outreach/pages_zh";
import "../roster/pages_zh";
import "../shell/commands_zh";
import "../team/pages_zh";
import { loadLanguage, maybe, refusal, t, text, useLocale, type Table, type TextKey } from "./i18n";

let zh: Table;
let en: Table;
beforeAll(async () => {
  zh = await loadLanguage("zh-CN");
  en = await loadLanguage("en");
});
afterEach(() => useLocale(() => "zh-CN"));

const holes = (template: string): string[] => [...template.matchAll(/\{(\w+)\}/g)].map((m) => m[1]!).sort();

describe("texts", () => {
  it("are complete in both languages, with the same things filled in", () => {
    expect(Object.keys(en).sort()).toEqual(Object.keys(zh).sort());
    for (const key of Object.keys(zh) as TextKey[]) {
      expect(zh[key].trim(), key).not.toBe("");
      expect(en[key].trim(), key).not.toBe("");
      expect(holes(en[key]), key).toEqual(holes(zh[key]));
    }
  });

  it("have no Chinese left in the English table", () => {
    for (const [key, value] of Object.entries(en)) {
      // A language is named in itself.
      if (value !== "中文") expect(/\p{Script=Han}/u.test(value), `${key}: ${value}`).toBe(false);
    }
  });

  it("follow the language and fill in", () => {
    expect(t("sync.pending", { n: 3 })).toBe("3 条修改仅在本机");
    useLocale(() => "en");
    expect(t("sync.pending", { n: 3 })).toBe("3 changes only on this phone");
    expect(t("sync.pending")).toContain("{n}");
    expect(maybe("no.such.key")).toBeUndefined();
    expect(maybe("command.box.start")).toBe("Start box");
  });

  it("pick the language of a bilingual text, or the other when one is empty", () => {
    expect(text({ zh: "早班", en: "Early" })).toBe("早班");
    expect(text({ zh: "", en: "Early" })).toBe("Early");
    useLocale(() => "en");
    expect(text({ zh: "早班", en: "Early" })).toBe("Early");
    expect(text({ zh: "早班", en: "" })).toBe("早班");
  });

  it("say something for a refusal nobody has heard of", () => {
    expect(refusal("taken_over")).toBe("已由他人接手");
    expect(refusal("from_the_future")).toBe(refusal("internal"));
  });
});
