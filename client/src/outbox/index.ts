import type { Route } from "../lib/routes";
import type { Mutators } from "../sync/types";

export const routes: Route[] = [
  {
    path: "#/outbox",
    title: "outbox.title",
    load: () => import("./Outbox.svelte"),
    needs: "supervise",
    menu: { icon: "mail", order: 30 },
  },
];

export const mutators: Mutators = {};
