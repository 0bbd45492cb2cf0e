import type { Route } from "../lib/routes";
import type { Mutators } from "../sync/types";
import { mutators as own } from "./mutators";

export const mutators: Mutators = own;

export const routes: Route[] = [
  {
    path: "#/attention",
    title: "nav.attention",
    load: () => import("./Attention.svelte"),
    menu: { icon: "alert", order: 900 },
  },
  {
    path: "#/me",
    title: "nav.me",
    load: () => import("./Me.svelte"),
    bare: true,
    tab: { icon: "me", order: 1000 },
  },
];
