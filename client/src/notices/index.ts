import type { Route } from "../lib/routes";
import { mutators as own } from "./mutators";

export const routes: Route[] = [
  {
    path: "#/notices",
    title: "notices.title",
    load: () => import("./Notices.svelte"),
    menu: { icon: "bell", order: 14 },
  },
  {
    path: "#/robots",
    title: "robots.title",
    load: () => import("./Robots.svelte"),
    needs: "supervise",
    menu: { icon: "link", order: 26 },
  },
];

export const mutators = own;
