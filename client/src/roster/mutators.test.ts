import { expect, it } from "vitest";
import type { ShiftType } from "../gen/api";
import type { Kind, Kinds, View } from "../sync/types";
import { mutators } from "./mutators";

function world(): View & { count(kind: Kind): number } {
  const rows = new Map<string, unknown>();
  const view: View = {
    get: (kind, id) => rows.get(`${kind}/${id}`) as never,
    put: (kind, row) => void rows.set(`${kind}/${row.id}`, row),
    del: (kind, id) => void rows.delete(`${kind}/${id}`),
    all: <K extends Kind>(kind: K) =>
      [...rows].filter(([key]) => key.startsWith(`${kind}/`)).map(([, row]) => row as Kinds[K]),
  };
  view.put("workspace", {
    id: "w",
    name: "w",
    zone: "Asia/Shanghai",
    locale: "zh-CN",
    view_hours: 72,
  });
  view.put("person", { id: "li", name: "李", role: "agent", team_id: "t", skill_ids: [], active: true });
  view.put("person", { id: "left", name: "左", role: "agent", team_id: "t", skill_ids: [], active: false });
  mutators["shift_type.save"]!(view, day, ctx);
  return { ...view, count: (kind) => view.all(kind).length };
}

const ctx = { user_id: "boss", now: 0 };
const day: ShiftType = {
  id: "day",
  letter: "早",
  name: { zh: "早班", en: "Day" },
  start: "08:30",
  length_min: 540,
  arrive_early_min: 10,
  skill_code: "presale",
  hue: 1,
  archived: false,
};
const cell = (id: string, on = "2025-11-17", shift = "day") => ({
  id,
  person_id: "li",
  day: on,
  shift_type_id: shift,
  shop_id: null,
  seat_id: null,
});
const set = (view: View, put: ReturnType<typeof cell>[], remove: string[] = []) =>
  mutators["roster.set"]!(view, { put, remove }, ctx);

it("writes a shift and keeps its times when the shift type is edited later", () => {
  const view = world();
  set(view, [cell("a")]);
  mutators["shift_type.save"]!(view, { ...day, start: "10:00" }, ctx);
  expect(view.get("assignment", "a")).toMatchObject({ start: "08:30", letter: "早", team_id: "t" });
});

it.each([
  ["an overlap", [cell("b", "2025-11-18"), cell("c")]],
  ["an unknown shift type", [cell("b", "2025-11-18"), cell("c", "2025-11-19", "nothing")]],
  ["an unknown person", [{ ...cell("b"), person_id: "nobody" }]],
  ["somebody who left", [{ ...cell("b"), person_id: "left" }]],
  ["too many cells", Array.from({ length: 401 }, (_, i) => cell(`x${i}`, "2026-01-01"))],
])("changes nothing at all on %s", (_, put) => {
  const view = world();
  set(view, [cell("a")]);
  set(view, put, []);
  expect(view.count("assignment")).toBe(1);
});

it("removes before it puts, so that a cell can be swapped for another", () => {
  const view = world();
  set(view, [cell("a")]);
  set(view, [cell("b")], ["a"]);
  expect(view.all("assignment").map((row) => row.id)).toEqual(["b"]);
});
