import type { Route } from "../lib/routes";
import { mutators as own } from "./mutators";

export const routes: Route[] = [
  {
    path: "#/people",
    title: "team.people",
    load: () => import("./People.svelte"),
    needs: "supervise",
    menu: { icon: "team", order: 20 },
  },
  {
    path: "#/shops",
    title: "team.shops_title",
    load: () => import("./Shops.svelte"),
    needs: "supervise",
    menu: { icon: "shop", order: 21 },
  },
];

export const mutators = own;
