/** What a refused change of this room was about, in a few words. */
import { text } from "../core/i18n";
import { cardOf } from "../customers/remote.svelte";
import type { Text } from "../gen/api";
import { data } from "../lib/data.svelte";

type Args = Record<string, unknown>;

const textOf = (value: unknown): string => (typeof value === "string" ? value.trim() : "");
const nameOf = (value: unknown): string => {
  const both = value as Text | undefined;
  return typeof both?.zh === "string" ? text(both) : "";
};

/** The buyer of a card; one whom neither this device nor its memory holds has no name. */
function buyerOf(id: unknown): string {
  const card = cardOf(textOf(id));
  return card ? card.nick || card.name : "";
}

const reasonOf = (id: unknown): string => nameOf(data.get("outreach_reason", textOf(id))?.name);

export function subjectOf(name: string, args: Args): string {
  const id = textOf(args["id"]);
  const list = (...words: string[]): string => words.filter(Boolean).join(" · ");
  if (name === "outreach.open")
    return list(buyerOf(args["customer_id"]), reasonOf(args["reason_id"]), textOf(args["about"]));
  if (name.startsWith("outreach.")) {
    const row = data.get("outreach", id);
    const said = textOf(args["note"]) || textOf(args["reason"]);
    return list(buyerOf(row?.customer_id), reasonOf(row?.reason_id), said);
  }
  if (name.startsWith("chain.")) return nameOf(args["name"]) || nameOf(data.get("chain", id)?.name);
  if (name.startsWith("outreach_hours."))
    return data.get("shop", textOf(args["shop_id"]) || data.get("outreach_hours", id)?.shop_id)?.name ?? "";
  return nameOf(args["name"]) || reasonOf(id);
}
