import { Refused } from "../core/http";
import { refusal, t } from "../core/i18n";
import { mutate, sync } from "../lib/data.svelte";
import { toast } from "../lib/toast.svelte";
import type { ArgsOf, CommandName } from "../sync/types";

/** Without a network the person is told where the work is kept. */
export const said = (message: string): string => (sync.online ? message : t("tasks.on_phone", { message }));

export interface Said {
  /** Shown when the edit is on disk. */
  message?: string;
  undo?: () => void;
}

/**
 * Makes an edit and says so once it is on disk. Where there is no disk the server has to take it first, and may refuse.
 */
export async function save<N extends CommandName>(
  name: N,
  args: ArgsOf<N>,
  said: Said = {},
): Promise<boolean> {
  try {
    await mutate(name, args);
  } catch (error) {
    toast(error instanceof Refused ? refusal(error.code) : t("team.not_saved"), { kind: "error" });
    return false;
  }
  if (said.message) toast(said.message, { kind: "ok", ...(said.undo ? { undo: said.undo } : {}) });
  return true;
}
