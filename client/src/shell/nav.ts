import type { Route } from "../lib/routes";
import { match } from "../lib/router.svelte";
import { routes } from "../rooms";

export type Can = (cap: "supervise" | "own") => boolean;

/** A thumb reaches five. */
const TABS = 5;

/** Orders from here on are of the person's own pages. */
const OWN = 900;

const order = (route: Route): number => route.tab?.order ?? route.menu?.order ?? 0;

function allowed(can: Can): Route[] {
  return routes.filter((route) => !route.needs || can(route.needs));
}

/** Everything with an icon: the work, then what is set up now and then, then one's own. The rail of a desktop. */
export function railRoutes(can: Can): Route[] {
  const listed = allowed(can).filter((route) => route.tab || route.menu);
  return listed.sort((a, b) => group(a) - group(b) || order(a) - order(b));
}

export function group(route: Route): number {
  if (order(route) >= OWN) return 2;
  return route.tab ? 0 : 1;
}

/** The bottom bar of a phone: the first four tabs, and always the last one, "me", which lists the rest. */
export function tabRoutes(can: Can): Route[] {
  const tabs = railRoutes(can).filter((route) => route.tab);
  return tabs.length <= TABS ? tabs : [...tabs.slice(0, TABS - 1), tabs[tabs.length - 1]!];
}

/** What the bottom bar has no room for. */
export function moreRoutes(can: Can): Route[] {
  const shown = new Set(tabRoutes(can));
  return railRoutes(can).filter((route) => !shown.has(route));
}

/** The page at a path and its parameters; null when there is none, or not for this person. */
export function find(path: string, can: Can): { route: Route; params: Record<string, string> } | null {
  for (const route of allowed(can)) {
    const params = match(route.path, path);
    if (params) return { route, params };
  }
  return null;
}

/** Where "#/" leads: a supervisor's board, an agent's day. */
export function home(can: Can): string {
  return tabRoutes(can)[0]?.path ?? "#/me";
}
