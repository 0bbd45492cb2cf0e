/** Tries of outreach chains as boxes in the lanes of those who make them. Nothing stores these boxes. */
import { t, text } from "../core/i18n";
import { titleOf } from "../customers/rules";
import type { Box, Callback } from "../gen/api";
import { data } from "../lib/data.svelte";
import type { IconName } from "../ui/icons";

const MARK = "call/";

/** The callback that a box stands for; null for a task. */
export const callOf = (box: Pick<Box, "id">): string | null =>
  box.id.startsWith(MARK) ? box.id.slice(MARK.length) : null;

/** What is shown on a day: what was withdrawn is nobody's work. */
export const isShown = (row: Callback, day: string): boolean =>
  row.kind === "outreach" && row.day === day && row.state !== "cancelled";

export const callIcon = (box: Box): IconName =>
  data.get("callback", callOf(box))?.channel === "phone" ? "phone" : "note";

/** "小鹿 · 缺货": the buyer and the reason, as far as they are known here. */
export function callTitle(row: Callback): string {
  const card = data.get("customer", row.customer_id);
  const found = data.all("outreach").find((one) => one.callback_id === row.id);
  const reason = data.get("outreach_reason", found?.reason_id);
  const words = [card && titleOf(card), reason && text(reason.name)].filter(Boolean).join(" · ");
  return words || row.about || t("outreach.title");
}

export function callBox(row: Callback): Box {
  const title = callTitle(row);
  return {
    id: MARK + row.id,
    team_id: row.team_id,
    day: row.day,
    origin: "own",
    pack_code: null,
    task_code: null,
    slot: null,
    title: { zh: title, en: title },
    skill_code: null,
    kind: "timebox",
    start_at: row.due_at,
    end_at: row.until_at,
    due_at: row.until_at,
    cutoff: false,
    quadrant: "Q1",
    catch_up: "skip",
    state: row.state === "open" ? "todo" : "done",
    assignee_id: row.owner_id,
    former_ids: [],
    checklist: [],
    notes: [],
    started_at: null,
    started_by: null,
    finished_at: row.closed_at,
    finished_by: row.state === "open" ? null : row.owner_id,
    late: false,
    skip_reason: null,
    carried_from: null,
    created_by: row.created_by,
  };
}
