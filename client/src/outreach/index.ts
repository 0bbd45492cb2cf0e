import type { Route } from "../lib/routes";
import { mutators as own } from "./mutators";

export const routes: Route[] = [
  {
    path: "#/outreach",
    title: "outreach.title",
    load: () => import("./Board.svelte"),
    menu: { icon: "outreach", order: 14 },
  },
  {
    path: "#/outreach/:id",
    title: "outreach.case",
    load: () => import("./CasePage.svelte"),
  },
];

export const mutators = own;
