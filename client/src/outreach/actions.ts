/** What is done about buyers who are offline. Each says so when it is on disk, and can be taken back where the rules allow. */
import { t } from "../core/i18n";
import { newId } from "../core/ids";
import { buyerName } from "../customers/words";
import type { Decision, Outreach, OutreachAnswer, OutreachOpen, StepChannel } from "../gen/api";
import { confirm } from "../lib/confirm.svelte";
import { data } from "../lib/data.svelte";
import { said, save } from "../team/save";
import "./pages_zh";
import { nextChannels, nextOf } from "./rules";
import { returnDays } from "./state";
import { channelText } from "./words";

const name = (row: Outreach): string => buyerName(row.customer_id);

/** Goes on where it stood before it was ended by mistake: nobody is written to or called twice. */
const goOn = (row: Outreach) => (): void =>
  void save("outreach.turn", { id: row.id, ours: false, note: "", as_it_was: true });

export function open(args: Omit<OutreachOpen, "id">): Promise<boolean> {
  const id = newId();
  return save(
    "outreach.open",
    { id, ...args },
    {
      message: said(t("outreach.opened", { name: buyerName(args.customer_id) })),
      undo: () => void save("outreach.close", { id, reason: t("customers.undone") }),
    },
  );
}

export function answer(row: Outreach, args: Omit<OutreachAnswer, "id">): Promise<boolean> {
  const stops = row.state !== "returning";
  const message = said(t(stops ? "outreach.answered" : "outreach.noted", { name: name(row) }));
  return save(
    "outreach.answer",
    { id: row.id, ...args },
    // What was noted stays; the case can go on. A parcel comes back all the same.
    { message, ...(row.state === "running" ? { undo: goOn(row) } : {}) },
  );
}

export function turn(row: Outreach, ours: boolean): Promise<boolean> {
  return save(
    "outreach.turn",
    { id: row.id, ours, note: "" },
    {
      message: said(t(ours ? "outreach.turned_ours" : "outreach.turned_theirs", { name: name(row) })),
      undo: () => void save("outreach.turn", { id: row.id, ours: !ours, note: "" }),
    },
  );
}

/** Goes on with a case that has ended; taken back, it has ended for the same reason as before. */
export function again(row: Outreach): Promise<boolean> {
  const reason = row.state === "closed" && row.outcome !== "" ? row.outcome : t("customers.undone");
  return save(
    "outreach.turn",
    { id: row.id, ours: false, note: "" },
    {
      message: said(t("outreach.turned_theirs", { name: name(row) })),
      undo: () => void save("outreach.close", { id: row.id, reason }),
    },
  );
}

export function close(row: Outreach, reason: string): Promise<boolean> {
  return save(
    "outreach.close",
    { id: row.id, reason },
    {
      message: said(t("outreach.closed", { name: name(row) })),
      ...(row.state === "running" ? { undo: goOn(row) } : {}),
    },
  );
}

export function returned(row: Outreach, note: string): Promise<boolean> {
  return save(
    "outreach.returned",
    { id: row.id, note },
    { message: said(t("outreach.was_returned", { name: name(row) })) },
  );
}

/** A parcel that was sent back stays so: that alone is asked twice. */
export async function decide(row: Outreach, decision: Decision): Promise<boolean> {
  const words = { name: name(row), n: returnDays(data.all("outreach_hours"), row.shop_id) };
  if (decision === "return") {
    const title = t("outreach.return_title", words);
    const yes = t("outreach.decide.return", words);
    if (!(await confirm({ title, text: t("outreach.return_text"), yes, danger: true }))) return false;
  }
  return save(
    "outreach.decide",
    { id: row.id, decision },
    { message: said(t(`outreach.decided.${decision}`, words)) },
  );
}

/** The next step at once. One that waits for its hour is passed by: that is asked about first. */
export async function next(row: Outreach): Promise<boolean> {
  if (row.phase !== "waiting") {
    const after = nextOf(row.steps, row.step);
    const ways = (steps: StepChannel[]): string => steps.map(channelText).join(t("outreach.or"));
    const what = ways(nextChannels(row));
    const then = after === null ? t("outreach.next.decision") : ways(row.steps[after]?.channels ?? []);
    const yes = t("outreach.skip");
    const asked = { title: t("outreach.skip_title", { what }), text: t("outreach.skip_text", { then }), yes };
    if (!(await confirm(asked))) return false;
  }
  return save(
    "outreach.next",
    { id: row.id, step: row.step },
    { message: said(t("outreach.hurried", { name: name(row) })) },
  );
}
