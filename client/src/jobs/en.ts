import type { pages } from "./pages_zh";
import type { zh } from "./zh";

export const en: Record<keyof typeof zh | keyof typeof pages, string> = {
  "jobs.title": "Failed jobs",
  "jobs.lead": "Work in the background that failed again and again stops here until you decide.",
  "jobs.none": "No failed jobs",
  "jobs.none_text": "All is well.",
  "jobs.kind.auth.invite": "Send an invitation",
  "jobs.kind.mail.send": "Send a mail",
  "jobs.kind.board.make": "Make the daily board",
  "jobs.kind.board.remake": "Make a board again",
  "jobs.attempts": "Attempts: {n}",
  "jobs.created": "Created {at}",
  "jobs.no_error": "No reason was recorded",
  "jobs.retry": "Try again",
  "jobs.retried": "Queued again",
  "jobs.delete_title": "Delete this job?",
  "jobs.delete_text": "It will not run and cannot be brought back.",
  "jobs.deleted": "Deleted",
  "jobs.offline": "The server was not reached; please try later",
};
