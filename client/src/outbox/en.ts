import type { pages } from "./pages_zh";
import type { zh } from "./zh";

export const en: Record<keyof typeof zh | keyof typeof pages, string> = {
  "outbox.title": "Outbox",
  "outbox.lead": "The demo sends no mail for real; every one the system writes is here to read.",
  "outbox.none": "No mail yet",
  "outbox.none_text": "Invite somebody, or wait for the hour of “tomorrow's plan”, and mails appear here.",
  "outbox.absent": "This server sends through a mail server; there is no outbox to look at",
  "outbox.list": "Mails",
  "outbox.to": "To",
  "outbox.at": "Time",
  "outbox.links": "Links in the mail",
  "outbox.pick": "Choose a mail to read it",
  "outbox.refresh": "Refresh",
};
