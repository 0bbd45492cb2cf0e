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
    path: "#/outreach/numbers",
    title: "outreach.numbers",
    load: () => import("./Numbers.svelte"),
    needs: "supervise",
  },
  {
    path: "#/outreach/:id",
    title: "outreach.case",
    load: () => import("./CasePage.svelte"),
  },
  {
    path: "#/chains",
    title: "outreach.chains",
    load: () => import("./Chains.svelte"),
    needs: "supervise",
    menu: { icon: "chain", order: 17 },
  },
];

export const mutators = own;
