/** What the board is narrowed to. Kept while the app is open: whoever looks at a case comes back to the same list. */
import { session } from "../lib/session.svelte";
import type { Wanted } from "./rules";

const all = (): Wanted => ({ state: "", reason_id: "", shop_id: "", words: "" });

const wanted = $state(all());
let whose: string | undefined;

/** Those of whoever is signed in. */
export function filters(): Wanted {
  if (session.user?.id !== whose) clear();
  whose = session.user?.id;
  return wanted;
}

export const clear = (): Wanted => Object.assign(wanted, all());
