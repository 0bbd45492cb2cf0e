import type { Route } from "../lib/routes";
import type { Mutators } from "../sync/types";

export const routes: Route[] = [
  {
    path: "#/board",
    title: "board.title",
    load: () => import("./Board.svelte"),
    needs: "supervise",
    tab: { icon: "board", order: 2 },
  },
];

/** Boxes change through the commands of the tasks room. */
export const mutators: Mutators = {};
