/** Hash routes: "#/history/box/123?from=board". */
export interface Place {
  path: string;
  query: Record<string, string>;
}

export function parse(hash: string): Place {
  const [path = "", query = ""] = hash.replace(/^#?\/?/, "").split("?", 2);
  return { path: `#/${path}`, query: Object.fromEntries(new URLSearchParams(query)) };
}

/** The parameters of `path` under a pattern such as "#/history/:kind/:id", or null when it does not fit. */
export function match(pattern: string, path: string): Record<string, string> | null {
  const want = pattern.split("/");
  const have = path.split("/");
  if (want.length !== have.length) return null;
  const params: Record<string, string> = {};
  for (const [i, part] of want.entries()) {
    const given = have[i] ?? "";
    if (part.startsWith(":")) params[part.slice(1)] = decode(given);
    else if (part !== given) return null;
  }
  return params;
}

/** A hand-typed address may hold a broken escape; then it is taken literally. */
function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

let place = $state.raw<Place>(parse(typeof location === "undefined" ? "" : location.hash));

export const router = {
  get path(): string {
    return place.path;
  },
  get query(): Record<string, string> {
    return place.query;
  },
  go(to: string, options: { replace?: boolean } = {}): void {
    if (options.replace) {
      history.replaceState(history.state, "", to);
      place = parse(to);
    } else {
      location.hash = to;
    }
  },
  back(): void {
    if (history.length > 1) history.back();
    else router.go("#/", { replace: true });
  },
};

export function startRouter(): void {
  addEventListener("hashchange", () => (place = parse(location.hash)));
}
