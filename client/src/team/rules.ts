/** Pure rules of the team room, the same as the server's: who may change whom, and why not. */
import { isHm } from "../core/time";
import type { Person, PersonPrivate, PersonUpdate, RefusalCode, Role } from "../gen/api";

export const ROLES: Role[] = ["agent", "supervisor", "owner"];

/** The roles somebody may give to others: only an owner makes owners and supervisors. */
export const grantable = (actor: Role): Role[] => (actor === "owner" ? ROLES : ["agent"]);

export const mayEdit = (actor: Role, target: Role): boolean =>
  actor === "owner" || (actor === "supervisor" && target === "agent");

/** Who may manage whom: a supervisor only agents, and only inside the own team; an owner everybody. */
function notManaging(actor: Person | undefined, roles: Role[], team_ids: string[]): RefusalCode | null {
  if (!actor?.active || actor.role === "agent") return "forbidden";
  if (actor.role === "owner") return null;
  if (roles.some((role) => role !== "agent")) return "forbidden";
  return team_ids.some((id) => id !== actor.team_id) ? "not_in_team" : null;
}

/** Why an invitation would be refused, or null. */
export function inviteRefusal(
  actor: Person | undefined,
  invite: { login: string; role: Role; team_id: string },
  known: PersonPrivate[],
): RefusalCode | null {
  const login = normalLogin(invite.login);
  const taken = known.some((other) => normalLogin(other.login) === login);
  return notManaging(actor, [invite.role], [invite.team_id]) ?? (taken ? "duplicate_login" : null);
}

/** Login names do not differ by case or by blanks around them. */
export const normalLogin = (login: string): string => login.trim().toLowerCase();

/** Why a change of a person would be refused, or null. */
export function updateRefusal(
  actor: Person | undefined,
  target: Person | undefined,
  change: PersonUpdate,
  people: Person[],
): RefusalCode | null {
  if (!target) return "gone";
  const refused = notManaging(
    actor,
    [target.role, change.role ?? target.role],
    [target.team_id, change.team_id ?? target.team_id],
  );
  if (refused) return refused;
  const stays = (change.role ?? target.role) === "owner" && (change.active ?? target.active);
  const others = people.some((other) => other.id !== target.id && other.role === "owner" && other.active);
  if (target.role === "owner" && target.active && !stays && !others) return "last_owner";
  return null;
}

/** Letters of any script, digits and a few signs, as on the server. */
const LOGIN = /^[\p{L}\p{N}._@+-]{2,64}$/u;
/** The longest name the server takes, in characters. */
export const NAME_MAX = 80;
const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

export const isLogin = (login: string): boolean => LOGIN.test(normalLogin(login));
export const isEmail = (email: string): boolean => EMAIL.test(email.trim());

const minutesOf = (hm: string): number => Number(hm.slice(0, 2)) * 60 + Number(hm.slice(3));

/** Minutes from a start to an end, the end being on the next day unless it is later; null while one is not a time. */
export function lengthBetween(start: string, end: string): number | null {
  if (!isHm(start) || !isHm(end)) return null;
  const minutes = minutesOf(end) - minutesOf(start);
  return minutes > 0 ? minutes : minutes + 1440;
}

/** As a Chinese reader sorts, with "组 2" before "组 10". */
export const byName = new Intl.Collator("zh-CN", { numeric: true }).compare;

/** By role, then by name: owners and supervisors lead. */
export function inOrder(people: Person[]): Person[] {
  const rank: Record<Role, number> = { owner: 0, supervisor: 1, agent: 2 };
  return people
    .slice()
    .sort((a, b) => rank[a.role] - rank[b.role] || byName(a.name, b.name) || (a.id < b.id ? -1 : 1));
}

/** Whether every word of a search occurs in one of the texts. */
export function matches(search: string, texts: (string | null | undefined)[]): boolean {
  const hay = texts.filter(Boolean).join(" ").toLocaleLowerCase();
  return search
    .toLocaleLowerCase()
    .split(/\s+/)
    .every((word) => hay.includes(word));
}
