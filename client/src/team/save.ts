import { t } from "../core/i18n";
import { mutate } from "../lib/data.svelte";
import { toast } from "../lib/toast.svelte";
import type { ArgsOf, CommandName } from "../sync/types";

export interface Said {
  /** Shown when the edit is on disk. */
  message?: string;
  undo?: () => void;
}

/** Makes an edit and says so once it is on disk; without a disk it says that instead of pretending. */
export async function save<N extends CommandName>(
  name: N,
  args: ArgsOf<N>,
  said: Said = {},
): Promise<boolean> {
  try {
    await mutate(name, args);
  } catch {
    toast(t("team.not_saved"), { kind: "error" });
    return false;
  }
  if (said.message) toast(said.message, { kind: "ok", ...(said.undo ? { undo: said.undo } : {}) });
  return true;
}
