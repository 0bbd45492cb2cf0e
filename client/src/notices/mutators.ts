/** Optimistic effects of the notices' commands. What the server would refuse has no effect here. */
import type { Notice, Person } from "../gen/api";
import type { Mutators } from "../sync/types";
import { colleagues, TEXT_MAX } from "./rules";

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
  "notice.send"(view, { id, text, team_id, to, at }, ctx) {
    const me = view.get("person", ctx.user_id);
    const team = team_id ?? me?.team_id ?? "";
    const trimmed = text.trim();
    if (!me || !oversees(me, team) || !trimmed || [...trimmed].length > TEXT_MAX) return;
    const people = view.all("person");
    const meant = to
      ? people.filter((one) => one.active && to.includes(one.id))
      : colleagues(people, team, ctx.user_id);
    if (meant.some((one) => !oversees(me, one.team_id))) return;
    for (const person of meant) {
      const row: Notice = {
        id: `${id}-${person.id}`,
        batch: id,
        to_id: person.id,
        team_id: team,
        sender_id: ctx.user_id,
        kind: "message",
        level: "info",
        subject: "",
        text: trimmed,
        link: "#/notices",
        at: at ?? ctx.now,
        seen_at: null,
        routes: [{ route: "app", robot_id: null, state: "waiting", at: at ?? ctx.now, why: "" }],
      };
      view.put("notice", row);
    }
  },
  "robot.drop"(view, { id }, ctx) {
    const row = view.get("robot", id);
    if (row && oversees(view.get("person", ctx.user_id), row.team_id)) view.del("robot", id);
  },
};
