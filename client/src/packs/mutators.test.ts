import { expect, it } from "vitest";
import type { Pack } from "../gen/api";
import type { View } from "../sync/types";
import { mutators } from "./mutators";

it("switches the row of this team and code, and no other", () => {
  const pack = (id: string, team_id: string, code: string): Pack => ({
    id,
    team_id,
    code,
    position: 0,
    name: { zh: "", en: "" },
    enabled: false,
    tasks: [],
  });
  const rows = new Map(
    [pack("1", "a", "day"), pack("2", "b", "day"), pack("3", "a", "night")].map((row) => [row.id, row]),
  );
  const view = {
    all: () => [...rows.values()],
    put: (_: "pack", row: Pack) => rows.set(row.id, row),
  } as unknown as View;
  mutators["pack.switch"]!(view, { team_id: "a", code: "day", enabled: true }, { user_id: "x", now: 0 });
  mutators["pack.switch"]!(view, { team_id: "c", code: "day", enabled: true }, { user_id: "x", now: 0 });
  expect([...rows.values()].map((row) => row.enabled)).toEqual([true, false, false]);
});
