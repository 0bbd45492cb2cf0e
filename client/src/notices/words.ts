import { t } from "../core/i18n";
import type { Notice } from "../gen/api";
import { data } from "../lib/data.svelte";
import "./pages_zh";

export const nameOf = (id: string | null): string =>
  id === null ? t("notices.system") : (data.get("person", id)?.name ?? t("notices.system"));

/** A notice in one line. */
export function headline(row: Notice): string {
  return row.kind === "message" ? row.text : t(`notices.kind.${row.kind}`, { subject: row.subject });
}
