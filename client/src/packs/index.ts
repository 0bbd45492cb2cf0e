import type { Route } from "../lib/routes";
import { mutators as own } from "./mutators";

export const routes: Route[] = [
  {
    path: "#/packs",
    title: "packs.title",
    load: () => import("./Packs.svelte"),
    needs: "supervise",
    menu: { icon: "pack", order: 22 },
  },
];

export const mutators = own;
