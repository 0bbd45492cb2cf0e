/** What is done about notices and robots. Addresses and secrets go straight to the server: nothing of them is kept on a device. */
import { codeOf, Unreachable } from "../core/http";
import { refusal, t } from "../core/i18n";
import type { Notice, Robot } from "../gen/api";
import { confirm } from "../lib/confirm.svelte";
import { mutate } from "../lib/data.svelte";
import { router } from "../lib/router.svelte";
import { session } from "../lib/session.svelte";
import { toast } from "../lib/toast.svelte";
import type { ArgsOf, CommandName } from "../sync/types";
import { save } from "../team/save";
import "./pages_zh";
import { isSeen } from "./state";

/** The inbox is not left before it is noted on this device that one looked. */
export async function follow(row: Notice): Promise<void> {
  if (!isSeen(row)) await mutate("notice.seen", { ids: [row.id] });
  if (row.link && row.link !== router.path) router.go(row.link);
}

export function markSeen(rows: Notice[]): Promise<void> {
  return mutate("notice.seen", { ids: rows.filter((row) => !isSeen(row)).map((row) => row.id) });
}

/** A command that must not wait on this device: true when the server has taken it. */
export async function command<N extends CommandName>(name: N, args: ArgsOf<N>): Promise<boolean> {
  try {
    const headers = { "Content-Type": "application/json" };
    await session.json("/api/v1/commands", { method: "POST", headers, body: JSON.stringify({ name, args }) });
    return true;
  } catch (error) {
    toast(error instanceof Unreachable ? t("robots.offline") : refusal(codeOf(error)), { kind: "error" });
    return false;
  }
}

export async function tryOut(robot: Robot): Promise<void> {
  if (await command("robot.test", { id: robot.id })) toast(t("robots.tested"), { kind: "ok" });
}

export async function drop(robot: Robot): Promise<void> {
  const { id, name } = robot;
  const sure = await confirm({
    title: t("robots.drop_title", { name }),
    text: t("robots.drop_text"),
    yes: t("ui.delete"),
    danger: true,
  });
  if (sure) await save("robot.drop", { id }, { message: t("robots.dropped", { name }) });
}
