import { problemOf } from "../core/http";
import { refusal, t } from "../core/i18n";
import { offer } from "../lib/download";
import { session } from "../lib/session.svelte";
import { toast } from "../lib/toast.svelte";

/** Saves the server's CSV of a span of days. */
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
  offer(await reply.blob(), `roster_${from}_${to}.csv`);
}
