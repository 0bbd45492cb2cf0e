/** Who is to be greeted for a campaign, by which ways, and who has been. Pure. */
import type { Campaign, Channel, Contact, Customer } from "../../gen/api";
import { inOrder } from "../rules";

/** Ways of a greeting, the usual one first. Never the phone: a campaign is no reason for mass calls. */
export const WAYS = ["im", "sms", "email"] as const satisfies readonly Channel[];
export type Way = (typeof WAYS)[number];

export interface Guest {
  card: Customer;
  /** What the buyer did not block; none: is left in peace. */
  ways: Way[];
  /** The first contact for this campaign. */
  greeting: Contact | null;
}

export interface Guests {
  /** Still to be greeted: one's own first. */
  left: Guest[];
  /** Blocked every way, and were not greeted before they did. */
  quiet: Guest[];
  /** The last one first. */
  greeted: Guest[];
}

export const isRunning = ({ from, until }: Campaign, today: string): boolean =>
  from <= today && today <= until;

/** Running and coming ones, what begins first leads. */
export const current = (campaigns: readonly Campaign[], today: string): Campaign[] =>
  campaigns
    .filter((one) => one.until >= today)
    .sort((a, b) => order(a.from, b.from) || order(a.until, b.until) || order(a.id, b.id));

const order = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1);

/** Whom a campaign is for. */
export const isMeant = (
  { team_id, tier, tag }: Pick<Campaign, "team_id" | "tier" | "tag">,
  card: Customer,
): boolean =>
  !card.merged_into &&
  card.team_id === team_id &&
  card.tier !== "" &&
  (tier === "" || card.tier === tier) &&
  (tag === "" || card.tags.includes(tag));

export function guestsOf(campaign: Campaign, cards: readonly Customer[], me: string): Guests {
  const greetings = greetingsOf(campaign.id, cards);
  const guests: Guests = { left: [], quiet: [], greeted: [] };
  for (const card of cards) {
    if (!isMeant(campaign, card)) continue;
    const ways = WAYS.filter((way) => !card.blocked.includes(way));
    const greeting = greetings.get(card.id) ?? null;
    guests[greeting ? "greeted" : ways.length > 0 ? "left" : "quiet"].push({ card, ways, greeting });
  }
  const isOther = ({ card }: Guest): number => Number(card.owner_id !== me);
  const byOwner = (a: Guest, b: Guest): number => isOther(a) - isOther(b) || inOrder(a.card, b.card);
  guests.left.sort(byOwner);
  guests.quiet.sort(byOwner);
  guests.greeted.sort((a, b) => (b.greeting?.at ?? 0) - (a.greeting?.at ?? 0) || inOrder(a.card, b.card));
  return guests;
}

/** The first greeting of each buyer; what was sent to a card of theirs that is merged now was sent to them. */
function greetingsOf(campaign_id: string, cards: readonly Customer[]): Map<string, Contact> {
  const first = new Map<string, Contact>();
  for (const card of cards) {
    const id = card.merged_into ?? card.id;
    for (const contact of card.contacts) {
      const known = first.get(id);
      if (contact.campaign_id === campaign_id && (!known || contact.at < known.at)) first.set(id, contact);
    }
  }
  return first;
}

/** How far the list is; who is left in peace does not count. */
export const progressOf = ({ left, greeted }: Guests): { n: number; all: number } => ({
  n: greeted.length,
  all: left.length + greeted.length,
});
