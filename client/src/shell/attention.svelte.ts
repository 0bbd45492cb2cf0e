import { t } from "../core/i18n";
import type { Reject } from "../gen/api";
import { data, isLocalReject, mutate } from "../lib/data.svelte";
import { session } from "../lib/session.svelte";
import { toast } from "../lib/toast.svelte";
import type { ArgsOf, CommandName } from "../sync/types";

/** A little longer than the toast, so that "undo" is never too late. */
const UNDO_MS = 8_500;

let dropped = $state.raw<ReadonlySet<string>>(new Set());

/** Refused edits of this person that still want a decision, oldest first. */
export function openRejects(): Reject[] {
  const me = session.user?.id;
  // A discard that came too late, because another device was quicker, is nothing to decide on.
  const open = (row: Reject): boolean => !dropped.has(row.id) && !row.name.startsWith("reject.");
  const mine = data.all("reject").filter((row) => row.user_id === me && open(row));
  return mine.sort((a, b) => a.at - b.at);
}

/** What colleagues could not solve by themselves; for supervisors. */
export function handedRejects(): Reject[] {
  const me = session.user?.id;
  const handed = data.all("reject").filter((row) => row.user_id !== me && row.handed);
  return handed.sort((a, b) => a.at - b.at);
}

/** The argument a person would want to change before trying again. */
export function editable(reject: Reject): { field: string; value: string } | null {
  const args = reject.args as Record<string, unknown>;
  for (const field of ["text", "title", "reason", "name", "login"]) {
    const value = args[field];
    if (typeof value === "string") return { field, value };
  }
  return null;
}

/** The same edit once more, as a new one; its own time stays, for it tells when the work was done. */
export async function retry(reject: Reject, change: Record<string, unknown> = {}): Promise<void> {
  await mutate(reject.name as CommandName, { ...reject.args, ...change } as ArgsOf<CommandName>);
  if (reject.user_id === session.user?.id) await mutate("reject.discard", { uid: reject.id });
  toast(t("attention.retried"), { kind: "ok" });
}

export async function hand(reject: Reject): Promise<void> {
  await mutate("reject.hand", { uid: reject.id });
  toast(t("attention.handed_toast"), { kind: "ok" });
}

/** Nothing can bring it back on the server, so it is only hidden until the time for "undo" is over. */
export function discard(reject: Reject): void {
  const uid = reject.id;
  dropped = new Set([...dropped, uid]);
  const restore = (): void => {
    dropped = new Set([...dropped].filter((other) => other !== uid));
  };
  const timer = setTimeout(() => void mutate("reject.discard", { uid }).finally(restore), UNDO_MS);
  toast(t("attention.discarded"), {
    undo() {
      clearTimeout(timer);
      restore();
    },
  });
}

/** Supervisors decide for themselves; an edit the server could not read cannot be handed on. */
export function canHand(reject: Reject): boolean {
  return !session.can("supervise") && !reject.handed && !isLocalReject(reject.id);
}
