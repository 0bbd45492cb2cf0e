import { problemOf } from "../core/http";
import { refusal, t } from "../core/i18n";
import { session } from "../lib/session.svelte";
import { toast } from "../lib/toast.svelte";

/** Saves the server's CSV of a span of days. The token travels in a header, so a plain link would not do. */
export async function exportCsv(from: string, to: string): Promise<void> {
  let reply: Response;
  try {
    reply = await session.api(`/api/v1/roster.csv?from=${from}&to=${to}`);
  } catch {
    toast(t("roster.export_offline"), { kind: "error" });
    return;
  }
  if (!reply.ok) {
    toast(refusal((await problemOf(reply))?.code ?? "internal"), { kind: "error" });
    return;
  }
  const url = URL.createObjectURL(await reply.blob());
  const link = document.createElement("a");
  link.href = url;
  link.download = `roster_${from}_${to}.csv`;
  link.click();
  // Safari reads the address after the click has returned.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
