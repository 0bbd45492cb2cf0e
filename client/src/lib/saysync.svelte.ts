import { t } from "../core/i18n";
import { formatAt } from "../core/time";
import type { IconName } from "../ui/icons";
import { clock } from "./clock.svelte";
import { prefs } from "./prefs.svelte";
import { sync } from "./data.svelte";

const OLD_MS = 10 * 60_000;

export interface SyncWords {
  text: string;
  icon: IconName;
  tone: "calm" | "warn" | "danger";
}

/** The state of the sync in the words of the header: what is at risk comes first. */
export function syncWords(): SyncWords {
  const { pending, state, online } = sync;
  if (state === "storage_failed") {
    const text = pending > 0 ? t("sync.pending_memory", { n: pending }) : t("sync.unsafe");
    return { text, icon: "alert", tone: "danger" };
  }
  if (pending > 0) {
    const old = sync.oldest !== null && clock.now - sync.oldest > OLD_MS;
    const text = pending === 1 ? t("sync.pending_one") : t("sync.pending", { n: pending });
    return { text, icon: online ? "upload" : "cloud-off", tone: old ? "danger" : "warn" };
  }
  if (state === "signed_out") return { text: t("sync.signed_out"), icon: "lock", tone: "warn" };
  if (!online) return { text: t("sync.offline"), icon: "cloud-off", tone: "warn" };
  if (state === "offline") return { text: t("sync.busy"), icon: "cloud-off", tone: "warn" };
  if (state === "syncing") return { text: t("sync.syncing"), icon: "refresh", tone: "calm" };
  return { text: sync.last_sync === null ? t("sync.never") : t("sync.synced"), icon: "cloud", tone: "calm" };
}

/** When the rows were last known to be right: the time today, day and time before. */
export function lastSyncTime(): string | null {
  const at = sync.last_sync;
  if (at === null) return null;
  return clock.day(at) === clock.today ? clock.hm(at) : formatAt(at, prefs.locale, clock.zone);
}
