import type { Route } from "../lib/routes";
import { mutators as own } from "./mutators";

/** The three pages of an agent. Behind the board and the roster for those who have these. */
export const routes: Route[] = [
  {
    path: "#/today",
    title: "tasks.title",
    load: () => import("./Today.svelte"),
    tab: { icon: "today", order: 10 },
  },
  {
    path: "#/week",
    title: "week.title",
    load: () => import("../roster/MyWeek.svelte"),
    tab: { icon: "week", order: 11 },
  },
  {
    path: "#/team",
    title: "onnow.title",
    load: () => import("../team/OnNow.svelte"),
    tab: { icon: "team", order: 13 },
  },
];

export const mutators = own;
