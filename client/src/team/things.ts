/** The five lists of the set-up page, brought to one shape, and how each row is archived. */
import { t, text } from "../core/i18n";
import type { Kinds } from "../sync/types";
import { data } from "../lib/data.svelte";
import { hours, span } from "../roster/rules";
import { byName } from "./rules";
import { save } from "./save";

export const TABS = ["shops", "seats", "types", "skills", "teams"] as const;
export type Tab = (typeof TABS)[number];

const KIND = { shops: "shop", seats: "seat", skills: "skill", types: "shift_type", teams: "team" } as const;
export const kindOf = (tab: Tab): (typeof KIND)[Tab] => KIND[tab];

export type Thing = {
  id: string;
  name: string;
  detail: string;
  archived: boolean;
  /** A shift type's letter and colour. */
  letter?: string;
  hue?: number;
};

const inOrder = (things: Thing[]): Thing[] => things.sort((a, b) => byName(a.name, b.name));

export function things(tab: Tab): Thing[] {
  switch (tab) {
    case "shops":
      return inOrder(
        data.all("shop").map(({ id, name, platform, archived }) => ({
          id,
          name,
          archived,
          detail: t(`team.platform.${platform}`),
        })),
      );
    case "seats":
      return inOrder(
        data.all("seat").map(({ id, name, shop_id, archived }) => ({
          id,
          name,
          archived,
          detail: data.get("shop", shop_id)?.name ?? t("team.no_shop"),
        })),
      );
    case "skills":
      return inOrder(
        data.all("skill").map(({ id, name, code, archived }) => ({
          id,
          name: text(name),
          archived,
          detail: `${code} · ${t("team.members", { n: membersWith(id) })}`,
        })),
      );
    case "teams":
      return inOrder(
        data.all("team").map(({ id, name, archived }) => ({
          id,
          name,
          archived,
          detail: t("team.members", {
            n: data.all("person").filter((person) => person.active && person.team_id === id).length,
          }),
        })),
      );
    case "types":
      return data
        .all("shift_type")
        .sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : a.letter < b.letter ? -1 : 1))
        .map((type) => ({
          id: type.id,
          name: text(type.name),
          archived: type.archived,
          letter: type.letter,
          hue: type.hue,
          detail: [
            span(type),
            t("team.length", { hours: hours(type.length_min) }),
            skillName(type.skill_code),
            ...(type.arrive_early_min > 0 ? [t("team.early_n", { n: type.arrive_early_min })] : []),
          ].join(" · "),
        }));
  }
}

const membersWith = (skill_id: string): number =>
  data.all("person").filter((person) => person.active && person.skill_ids.includes(skill_id)).length;

export function skillName(code: string): string {
  const skill = data.all("skill").find((one) => one.code === code);
  return skill ? text(skill.name) : code;
}

/** Stores a row again with another `archived`; nothing is ever deleted, because past weeks point to it. */
export async function setArchived(tab: Tab, thing: Thing, archived: boolean): Promise<void> {
  const store = (next: boolean, message?: string): Promise<boolean> => {
    const said = message ? { message, undo: () => void store(!next) } : {};
    const row = <K extends keyof Kinds>(kind: K): Kinds[K] => ({
      ...data.get(kind, thing.id)!,
      archived: next,
    });
    if (tab === "shops") return save("shop.save", row("shop"), said);
    if (tab === "seats") return save("seat.save", row("seat"), said);
    if (tab === "skills") return save("skill.save", row("skill"), said);
    if (tab === "types") return save("shift_type.save", row("shift_type"), said);
    return save("team.save", row("team"), said);
  };
  await store(archived, t(archived ? "team.archived" : "team.unarchived", { name: thing.name }));
}
