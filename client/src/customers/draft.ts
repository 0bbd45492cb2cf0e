/** What is typed into a buyer's form, and what of it is new. Pure. */
import type { Customer, CustomerReach, CustomerSave, Messenger, Reach, SpecialDay } from "../gen/api";
import { GAP_MAX } from "./state";

export interface Draft {
  shop_id: string;
  nick: string;
  name: string;
  phone: string;
  email: string;
  address: string;
  messengers: Messenger[];
  /** Separated by blanks or commas. */
  tags: string;
  likes: string;
  sizes: string;
  notes: string;
  special_days: SpecialDay[];
}

/** Number and addresses stay empty for those who do not hold them: an empty field is then no change. */
export const draftOf = (card: Customer | null, reach: Reach | undefined): Draft => ({
  shop_id: card?.shop_id ?? "",
  nick: card?.nick ?? "",
  name: card?.name ?? "",
  phone: reach?.phone ?? "",
  email: reach?.email ?? "",
  address: reach?.address ?? "",
  messengers: reach?.messengers.map((one) => ({ ...one })) ?? [],
  tags: card?.tags.join(" ") ?? "",
  likes: card?.likes ?? "",
  sizes: card?.sizes ?? "",
  notes: card?.notes ?? "",
  special_days: card?.special_days.map((day) => ({ ...day })) ?? [],
});

export const tagsOf = (typed: string): string[] => [
  ...new Set(typed.split(/[\s,，、#]+/).filter((word) => word !== "")),
];

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

export function changesOf(before: Draft, after: Draft): Omit<CustomerSave, "id"> {
  const change: Omit<CustomerSave, "id"> = {};
  for (const field of ["nick", "name", "likes", "sizes", "notes", "shop_id"] as const)
    if (after[field].trim() !== before[field]) change[field] = after[field].trim();
  if (!same(tagsOf(after.tags), tagsOf(before.tags))) change.tags = tagsOf(after.tags);
  // A line that was begun and left empty is no day.
  const days = after.special_days.filter((day) => day.label.trim() !== "" && day.month && day.day);
  if (!same(days, before.special_days)) change.special_days = days;
  return change;
}

export function reachChanges(before: Draft, after: Draft): Omit<CustomerReach, "id"> {
  const change: Omit<CustomerReach, "id"> = {};
  for (const field of ["phone", "email", "address"] as const)
    if (after[field].trim() !== before[field]) change[field] = after[field].trim();
  const messengers = after.messengers
    .map(({ name, handle }) => ({ name: name.trim(), handle: handle.trim() }))
    .filter((one) => one.handle !== "");
  if (!same(messengers, before.messengers)) change.messengers = messengers;
  return change;
}

/** Two gaps as typed, empty for none of one's own; null when they make no sense. */
export function daysOf(
  ideal: string,
  longest: string,
): { ideal_days: number | null; longest_days: number | null } | null {
  const read = (typed: string): number | null => (typed.trim() === "" ? null : Number(typed));
  const fits = (days: number | null): boolean =>
    days === null || (Number.isInteger(days) && days >= 1 && days <= GAP_MAX);
  const [ideal_days, longest_days] = [read(ideal), read(longest)];
  const ordered = ideal_days === null || longest_days === null || ideal_days <= longest_days;
  return fits(ideal_days) && fits(longest_days) && ordered ? { ideal_days, longest_days } : null;
}
