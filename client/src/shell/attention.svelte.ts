import { t, text } from "../core/i18n";
import { subjectOf as buyer } from "../customers/subject";
import type { Reject, Text } from "../gen/api";
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

/** The thing a refused edit was about, in a few words; empty when nothing is known of it. */
export function subject(reject: Reject): string {
  const args = reject.args as Record<string, unknown>;
  const [kind = ""] = reject.name.split(".");
  const id = typeof args["id"] === "string" ? args["id"] : null;
  if (kind === "box") return title(args["title"]) || title(data.get("box", id)?.title);
  if (kind === "person") return title(args["name"]) || (data.get("person", id)?.name ?? "");
  if (reject.name === "roster.set") return roster(args);
  if (["customer", "contact", "callback", "campaign"].includes(kind)) return buyer(reject.name, args);
  return title(args["name"]) || title(args["title"]);
}

function roster(args: Record<string, unknown>): string {
  const put = Array.isArray(args["put"]) ? (args["put"] as { person_id?: string; day?: string }[]) : [];
  const first = put[0];
  if (!first) return "";
  const who = data.get("person", first.person_id)?.name ?? "";
  const rest = put.length > 1 ? ` · ${t("attention.more", { n: put.length - 1 })}` : "";
  return `${who} ${first.day ?? ""}${rest}`.trim();
}

function title(value: unknown): string {
  if (typeof value === "string") return value;
  const both = value as Text | undefined;
  return typeof both?.zh === "string" ? text(both) : "";
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
