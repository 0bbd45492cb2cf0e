import type { Mutators } from "../sync/types";

export const mutators: Mutators = {
  /** A pack has one row per team and code, so that is how it is found. */
  "pack.switch"(view, { team_id, code, enabled }) {
    const pack = view.all("pack").find((row) => row.team_id === team_id && row.code === code);
    if (pack) view.put("pack", { ...pack, enabled });
  },
};
