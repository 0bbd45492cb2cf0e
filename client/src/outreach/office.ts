/** What supervisors set up: chains, reasons, hours. Each can be taken back from its toast. */
import { t, text } from "../core/i18n";
import type { Chain, ChainSave, OutreachHours, OutreachReason, OutreachReasonSave } from "../gen/api";
import { said, save } from "../team/save";
import "./office_zh";

export function saveChain(after: ChainSave, before: Chain | undefined): Promise<boolean> {
  return save("chain.save", after, {
    message: said(t("chains.saved", { name: text(after.name) })),
    undo: () =>
      void (before
        ? save("chain.save", {
            id: before.id,
            name: before.name,
            steps: before.steps,
            enabled: before.enabled,
          })
        : save("chain.drop", { id: after.id })),
  });
}

export function dropChain({ id, name, steps, enabled }: Chain): Promise<boolean> {
  return save(
    "chain.drop",
    { id },
    {
      message: said(t("chains.dropped", { name: text(name) })),
      undo: () => void save("chain.save", { id, name, steps, enabled }),
    },
  );
}

const wordsOf = ({
  id,
  name,
  chain_id,
  scene,
  is_reminder,
  archived,
}: OutreachReason): OutreachReasonSave => ({
  id,
  name,
  chain_id,
  scene,
  is_reminder,
  archived,
});

export function saveReason(after: OutreachReasonSave, before: OutreachReason | undefined): Promise<boolean> {
  return save("outreach_reason.save", after, {
    message: said(t("chains.reason_saved", { name: text(after.name) })),
    undo: () => void save("outreach_reason.save", before ? wordsOf(before) : { ...after, archived: true }),
  });
}

export function saveHours(after: OutreachHours, before: OutreachHours | undefined): Promise<boolean> {
  return save("outreach_hours.save", after, {
    message: said(t("chains.hours_saved")),
    undo: () =>
      void (before ? save("outreach_hours.save", before) : save("outreach_hours.drop", { id: after.id })),
  });
}

export function dropHours(row: OutreachHours): Promise<boolean> {
  return save(
    "outreach_hours.drop",
    { id: row.id },
    { message: said(t("chains.hours_dropped")), undo: () => void save("outreach_hours.save", row) },
  );
}
