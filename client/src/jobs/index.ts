import type { Route } from "../lib/routes";
import type { Mutators } from "../sync/types";

export const routes: Route[] = [
  {
    path: "#/jobs",
    title: "jobs.title",
    load: () => import("./Jobs.svelte"),
    needs: "own",
    menu: { icon: "jobs", order: 31 },
  },
];

export const mutators: Mutators = {};
