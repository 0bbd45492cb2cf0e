/** Made-up rows for this room's tests. */
import type { Notice, NoticeRoute, Person, Role } from "../gen/api";
import type { Kind, Kinds, View } from "../sync/types";

export const person = (id: string, role: Role = "agent", team_id = "t1"): Person => ({
  id,
  name: id,
  role,
  team_id,
  skill_ids: [],
  active: true,
});

export const way = (route: NoticeRoute["route"], state: NoticeRoute["state"]): NoticeRoute => ({
  route,
  robot_id: null,
  state,
  at: 0,
  why: "",
});

export const notice = (id: string, more: Partial<Notice> = {}): Notice => ({
  id,
  batch: id,
  to_id: "ann",
  team_id: "t1",
  sender_id: null,
  kind: "box_overdue",
  level: "due",
  subject: "盘点",
  text: "",
  link: "#/today",
  at: 1_000,
  seen_at: null,
  routes: [way("app", "waiting"), way("mail", "none"), way("push", "none")],
  ...more,
});

export function view(people: Person[], notices: Notice[] = []): View {
  const rows = new Map<string, unknown>();
  const world: View = {
    get: (kind, id) => rows.get(`${kind}/${id}`) as never,
    put: (kind, row) => void rows.set(`${kind}/${row.id}`, row),
    del: (kind, id) => void rows.delete(`${kind}/${id}`),
    all: <K extends Kind>(kind: K) =>
      [...rows].filter(([key]) => key.startsWith(`${kind}/`)).map(([, row]) => row as Kinds[K]),
  };
  for (const one of people) world.put("person", one);
  for (const one of notices) world.put("notice", one);
  return world;
}
