import type { office } from "./office_zh";

export const en: Record<keyof typeof office, string> = {
  "chains.saved": "Saved the chain “{name}”",
  "chains.dropped": "Deleted the chain “{name}”",
  "chains.reason_saved": "Saved the reason “{name}”",
  "chains.hours_saved": "Saved the hours",
  "chains.hours_dropped": "The hours of all shops hold again",
  "chains.template_saved": "Saved the template",
  "chains.template_reset": "The shipped template is back",
};
