import type { Mutators, View } from "../sync/types";
import { applied, MAX_CELLS, overlap } from "./rules";

/** Used while no workspace row has arrived yet; the server's default too. */
const DEFAULT_ZONE = "Asia/Shanghai";

const zoneOf = (view: View): string => view.all("workspace")[0]?.zone ?? DEFAULT_ZONE;

export const mutators: Mutators = {
  "shift_type.save"(
    view,
    { id, letter, name, start, length_min, arrive_early_min, skill_code, hue, archived },
  ) {
    view.put("shift_type", {
      id,
      letter,
      name,
      start,
      length_min,
      arrive_early_min,
      skill_code,
      hue,
      archived,
    });
  },

  /** All or nothing, as on the server: a plan it would refuse changes nothing here either. */
  "roster.set"(view, { put, remove }) {
    if (put.length + remove.length > MAX_CELLS) return;
    const find = {
      person: (id: string) => view.get("person", id),
      type: (id: string) => view.get("shift_type", id),
    };
    const before = view.all("assignment");
    const after = applied(before, { put, remove }, find, zoneOf(view));
    if (!after) return;
    const touched = new Set(put.map((cell) => cell.person_id));
    if (overlap(after.filter((row) => touched.has(row.person_id)))) return;
    for (const id of remove) view.del("assignment", id);
    const written = new Set(put.map((cell) => cell.id));
    for (const row of after) if (written.has(row.id)) view.put("assignment", row);
  },
};
