import { t } from "../core/i18n";
import { toast } from "./toast.svelte";

/** Puts a text on the clipboard and says so; a browser may forbid it. */
export async function copyText(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    toast(t("ui.copied"), { kind: "ok" });
  } catch {
    toast(t("ui.not_copied"), { kind: "error" });
  }
}
