import type { Component } from "svelte";
import type { TextKey } from "../core/i18n";
import type { IconName } from "../ui/icons";

/** A page takes its parameters, or nothing. */
export type PageComponent = Component<{ params: Record<string, string> }>;

export interface Route {
  /** "#/history/:kind/:id"; the `:parts` and the query arrive in the component's `params` prop. */
  path: string;
  title: TextKey;
  load: () => Promise<{ default: PageComponent | Component<Record<string, never>> }>;
  needs?: "supervise" | "own";
  /** Works without the rows of the workspace, so it is shown before the first sync and while the view is hidden. */
  bare?: boolean;
  /** On the bottom bar of a phone (the first four that the user may see) and on the rail of a desktop. */
  tab?: { icon: IconName; order: number };
  /** Only on the rail and on the "more" list of a phone. */
  menu?: { icon: IconName; order: number };
}
