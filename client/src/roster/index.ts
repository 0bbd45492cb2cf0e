import type { Route } from "../lib/routes";
import { mutators as own } from "./mutators";

export const routes: Route[] = [
  {
    path: "#/roster",
    title: "roster.title",
    load: () => import("./Roster.svelte"),
    needs: "supervise",
    tab: { icon: "roster", order: 3 },
  },
];

export const mutators = own;
