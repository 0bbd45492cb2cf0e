/** What a refused change of this room was about, in a few words. */
import { t } from "../core/i18n";
import { data } from "../lib/data.svelte";
import { cardOf } from "./remote.svelte";

type Args = Record<string, unknown>;

const textOf = (value: unknown): string => (typeof value === "string" ? value.trim() : "");

/** The buyer of a card; one whom neither this device nor its memory holds has no name. */
function nameOf(id: unknown): string {
  const card = cardOf(textOf(id));
  return card ? card.nick || card.name : "";
}

const campaignOf = (id: unknown): string => data.get("campaign", textOf(id))?.name ?? "";

export function subjectOf(name: string, args: Args): string {
  switch (name) {
    case "customer.save":
      return nameOf(args["id"]) || textOf(args["nick"]) || textOf(args["name"]);
    case "customer.merge":
      return list([nameOf(args["id"]), nameOf(args["into_id"])], " → ");
    case "customer.distinct":
      return list(Array.isArray(args["ids"]) ? args["ids"].map(nameOf) : [], "、");
    case "customer.keep": {
      const months = args["months"];
      return typeof months === "number" ? t("customers.keep_n", { n: months }) : t("customers.keep_off");
    }
    // What was typed stands beside the buyer, so that it can be judged without opening anything.
    case "contact.log":
      return list(
        [nameOf(args["customer_id"]), campaignOf(args["campaign_id"]), textOf(args["note"])],
        " · ",
      );
    case "campaign.save":
    case "campaign.drop":
      return textOf(args["name"]) || campaignOf(args["id"]);
    case "callback.make":
      return list([nameOf(args["customer_id"]), textOf(args["about"])], " · ");
  }
  if (name.startsWith("callback.")) {
    const row = data.get("callback", textOf(args["id"]));
    return list([nameOf(row?.customer_id), textOf(args["reason"])], " · ");
  }
  return list([nameOf(args["id"]), textOf(args["reason"])], " · ");
}

const list = (words: string[], between: string): string => words.filter(Boolean).join(between);
