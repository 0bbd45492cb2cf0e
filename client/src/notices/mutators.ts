/** Optimistic effects of the notices' commands. What the server would refuse has no effect here. */
import type { Person } from "../gen/api";
import type { Mutators } from "../sync/types";

const oversees = (me: Person | undefined, team_id: string): boolean =>
  me?.role === "owner" || (me?.role === "supervisor" && me.team_id === team_id);

export const mutators: Mutators = {
  "notice.seen"(view, { ids, at }, ctx) {
    for (const id of ids) {
      const row = view.get("notice", id);
      if (!row || row.to_id !== ctx.user_id || row.seen_at !== null) continue;
      const seen_at = Math.max(at ?? ctx.now, row.at);
      const routes = row.routes.map((route) =>
        route.route === "app" ? { ...route, state: "delivered" as const, at: seen_at } : route,
      );
      view.put("notice", { ...row, seen_at, routes });
    }
  },
  "robot.drop"(view, { id }, ctx) {
    const row = view.get("robot", id);
    if (row && oversees(view.get("person", ctx.user_id), row.team_id)) view.del("robot", id);
  },
};
