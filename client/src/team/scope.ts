/** Which teams a screen may show: an owner all of them, anybody else the own one. */
import type { Role, Team } from "../gen/api";
import { byName } from "./rules";

export type Actor = { role: Role; team_id: string };

export function visibleTeams(teams: Team[], actor: Actor | null): Team[] {
  const open = teams.filter((team) => !team.archived).sort((a, b) => byName(a.name, b.name));
  return actor?.role === "owner" ? open : open.filter((team) => team.id === actor?.team_id);
}

/** The team a screen starts with: the own one while it is there. */
export function firstTeam(teams: Team[], actor: Actor | null): string {
  return (teams.find((team) => team.id === actor?.team_id) ?? teams[0])?.id ?? actor?.team_id ?? "";
}
