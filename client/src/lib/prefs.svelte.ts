import { loadLanguage, useLocale } from "../core/i18n";
import type { Locale } from "../gen/api";
import { recall, remember } from "./local";

export type Theme = "auto" | "light" | "dark";

/** Shows a language as soon as its texts are here; without a network the old one stays. */
async function speak(wanted: Locale): Promise<void> {
  try {
    await loadLanguage(wanted);
    locale = wanted;
    show();
  } catch {
    // Asked for again at the next start.
  }
}

/** To be awaited before anything is shown, so that nobody sees the other language first. */
export function startLanguage(): Promise<void> {
  return speak(firstLocale());
}

/** The colour of the system's bars around the page: the header's. */
const BARS = { light: "#ffffff", dark: "#1a2029" };

function firstLocale(): Locale {
  const kept = recall("locale");
  if (kept === "en" || kept === "zh-CN") return kept;
  return typeof navigator === "undefined" || /^zh/i.test(navigator.language) ? "zh-CN" : "en";
}

function firstTheme(): Theme {
  const kept = recall("theme");
  return kept === "light" || kept === "dark" ? kept : "auto";
}

let locale = $state<Locale>("zh-CN");
let theme = $state<Theme>(firstTheme());

/** Choices of this device. The language is also saved with the person, for mails. */
export const prefs = {
  get locale(): Locale {
    return locale;
  },
  set locale(value: Locale) {
    remember("locale", value);
    void speak(value);
  },
  get theme(): Theme {
    return theme;
  },
  set theme(value: Theme) {
    theme = value;
    remember("theme", value);
    show();
  },
  /** Whether the person has chosen a language here; if not, the account's own is taken at sign-in. */
  get chosen(): boolean {
    return recall("locale") !== null;
  },
};

const dark = typeof matchMedia === "undefined" ? null : matchMedia("(prefers-color-scheme: dark)");

/** The page itself always says light or dark, so that one set of dark tokens is enough. */
function show(): void {
  if (typeof document === "undefined") return;
  const shown = theme === "auto" ? (dark?.matches ? "dark" : "light") : theme;
  const root = document.documentElement;
  root.lang = locale;
  root.dataset["theme"] = shown;
  document.querySelector("meta[name=theme-color]")?.setAttribute("content", BARS[shown]);
}

useLocale(() => locale);
show();
dark?.addEventListener("change", show);
