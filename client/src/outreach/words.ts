/** How the outreach pages say reasons, channels, states and times; reactive on the language and the clock. */
import { maybe, t, text } from "../core/i18n";
import { MINUTE } from "../core/time";
import type { Outreach, CaseState, StepChannel } from "../gen/api";
import { clock } from "../lib/clock.svelte";
import { data } from "../lib/data.svelte";
import { instantText, lengthText } from "../tasks/words";
import type { IconName } from "../ui/icons";
import { nextChannels } from "./rules";
import "./pages_zh";

export const CHANNEL_ICON: Record<StepChannel, IconName> = {
  im: "note",
  email: "mail",
  sms: "device",
  voice: "bell",
  phone: "phone",
  supervisor: "flag",
  owner: "me",
  shift_mates: "team",
};

export const STATE_TONE: Record<CaseState, "" | "warn" | "danger" | "ok"> = {
  running: "",
  ours: "warn",
  decision: "danger",
  returning: "warn",
  answered: "ok",
  closed: "",
  returned: "ok",
};

export const channelText = (channel: StepChannel): string => t(`outreach.channel.${channel}`);

export function reasonName(id: string): string {
  const row = data.get("outreach_reason", id);
  return row ? text(row.name) : t("outreach.some_reason");
}

export function chainName(id: string): string {
  const row = data.get("chain", id);
  return row ? text(row.name) : "";
}

/** "明天 18:00 电话", or what it waits for. */
export function nextText(row: Outreach): string {
  if (row.state === "ours") return t("outreach.next.ours");
  if (row.state === "decision") return t("outreach.next.decision");
  if (row.state === "returning")
    return row.return_by === null
      ? t("outreach.state.returning")
      : t("outreach.next.returning", { time: instantText(row.return_by) });
  if (row.state !== "running") return t(`outreach.state.${row.state}`);
  if (row.next_at === null) return t("outreach.next.planning");
  const channel = nextChannels(row).map(channelText).join(t("outreach.or"));
  const time = instantText(row.next_at);
  if (!channel) return time;
  if (row.phase !== "agent") return t("outreach.next.at", { time, channel });
  // The call itself says when it may begin; not everybody's phone has it.
  const begins = data.get("callback", row.callback_id)?.due_at ?? 0;
  if (begins > clock.now) return t("outreach.next.at", { time: instantText(begins), channel });
  return t("outreach.next.agent", { time, channel });
}

/** How a case ended: the words of whoever ended it, or what ended it. */
export const outcomeText = ({ outcome }: Pick<Outreach, "outcome">): string =>
  maybe(`outreach.result.${outcome}`) ?? (outcome === "close" ? t("outreach.by_supervisor") : outcome);

export const waitText = (minutes: number): string => lengthText(minutes * MINUTE);
