/** The words of mails to buyers: read and saved online, since they are on no device. */
import { codeOf } from "../core/http";
import { refusal, t } from "../core/i18n";
import type { OutreachTemplate } from "../gen/api";
import { toast } from "../lib/toast.svelte";
import { order } from "./remote";
import "./office_zh";

/** Makes the server's words these; those shipped are there again once there are none of one's own. */
function put({ id, shipped, ...words }: OutreachTemplate): Promise<void> {
  if (shipped) return order("outreach_template.reset", { id });
  const { reason_id, locale, subject, body } = words;
  return order("outreach_template.save", { id, reason_id, locale, subject, body });
}

async function undo(before: OutreachTemplate, onchange: () => void): Promise<void> {
  try {
    await put(before);
  } catch (error) {
    const code = codeOf(error);
    toast(code === "unavailable" ? t("login.offline") : refusal(code), { kind: "error" });
  }
  onchange();
}

/** New words for the former ones, which the toast can bring back. Throws what the server refuses. */
export async function change(
  after: OutreachTemplate,
  before: OutreachTemplate,
  onchange: () => void,
): Promise<void> {
  await put(after);
  toast(t(after.shipped ? "chains.template_reset" : "chains.template_saved"), {
    kind: "ok",
    undo: () => void undo(before, onchange),
  });
  onchange();
}
