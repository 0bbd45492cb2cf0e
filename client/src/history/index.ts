import type { Route } from "../lib/routes";
import type { Mutators } from "../sync/types";

export const routes: Route[] = [
  {
    path: "#/history/:kind/:id",
    title: "history.title",
    load: () => import("./History.svelte"),
    needs: "supervise",
  },
];

export const mutators: Mutators = {};
