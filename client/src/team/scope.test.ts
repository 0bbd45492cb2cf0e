import { expect, it } from "vitest";
import type { Role, Team } from "../gen/api";
import { firstTeam, visibleTeams } from "./scope";

const team = (id: string, name: string, archived = false): Team => ({ id, name, archived });
const teams = [team("b", "二组"), team("a", "一组"), team("c", "旧组", true)];
const as = (role: Role, team_id = "b"): { role: Role; team_id: string } => ({ role, team_id });

it("shows an owner every open team, anybody else the own one", () => {
  expect(
    visibleTeams(teams, as("owner"))
      .map((one) => one.id)
      .sort(),
  ).toEqual(["a", "b"]);
  expect(visibleTeams(teams, as("supervisor")).map((one) => one.id)).toEqual(["b"]);
  expect(visibleTeams(teams, null)).toEqual([]);
});

it("starts with the own team, else with the first, else with the one the account names", () => {
  expect(firstTeam(visibleTeams(teams, as("owner")), as("owner"))).toBe("b");
  expect(firstTeam([team("a", "一组")], as("owner", "c"))).toBe("a");
  expect(firstTeam([], as("owner", "c"))).toBe("c");
});
