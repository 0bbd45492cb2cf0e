/** What is done about campaigns; a greeting is a contact and is not taken back. */
import { t } from "../../core/i18n";
import { newId } from "../../core/ids";
import type { Campaign, Customer } from "../../gen/api";
import { said, save } from "../../team/save";
import { titleOf } from "../rules";
import "./pages_zh";
import type { Way } from "./rules";

export function keep(after: Campaign, before: Campaign | null): Promise<boolean> {
  return save("campaign.save", after, {
    message: said(t("campaign.saved", { name: after.name })),
    undo: () => void (before ? save("campaign.save", before) : save("campaign.drop", { id: after.id })),
  });
}

export function drop(campaign: Campaign): Promise<boolean> {
  return save(
    "campaign.drop",
    { id: campaign.id },
    {
      message: said(t("campaign.dropped", { name: campaign.name })),
      undo: () => void save("campaign.save", campaign),
    },
  );
}

/** No call was made: one that waits for its result on this phone goes on waiting. */
export function greet(campaign: Campaign, card: Customer, channel: Way): Promise<boolean> {
  const words = { name: titleOf(card), way: t(`customers.channel.${channel}`) };
  return save(
    "contact.log",
    {
      id: newId(),
      customer_id: card.id,
      callback_id: null,
      channel,
      result: "sent",
      minutes: null,
      note: "",
      campaign_id: campaign.id,
    },
    { message: said(t("campaign.greeted", words)) },
  );
}
