import type { office } from "./office_zh";
import type { pages } from "./pages_zh";
import type { zh } from "./zh";

export const en: Record<keyof typeof zh | keyof typeof office | keyof typeof pages, string> = {
  "outreach.title": "Outreach",
  "outreach.case": "Outreach",
  "outreach.numbers": "Outreach in numbers",
  "outreach.chains": "Outreach chains",
};
