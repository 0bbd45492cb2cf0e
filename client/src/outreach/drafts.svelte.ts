/** What is being typed on the set-up pages, kept in memory while its form is off the screen. */
import { untrack } from "svelte";
import { t } from "../core/i18n";
import { confirm } from "../lib/confirm.svelte";
import { session } from "../lib/session.svelte";
import "./office_zh";

/** By content: the server writes the fields of a row in another order. */
export function alike(a: unknown, b: unknown): boolean {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => alike((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]))
  );
}

/** Words typed over stored ones. What is stored meanwhile shows as long as nothing was typed, and never overrides it. */
export class Draft<T extends object> {
  now = $state.raw() as T;
  private stored = $state.raw() as T;
  private overtaken = $state(false);

  constructor(stored: T) {
    this.now = stored;
    this.stored = stored;
  }

  get isTyped(): boolean {
    return !alike(this.now, this.stored);
  }

  /** Typed over words that are no longer the stored ones: saving puts it in place of what somebody else wrote. */
  get isOvertaken(): boolean {
    return this.overtaken && this.isTyped;
  }

  change(more: Partial<T>): void {
    this.now = { ...this.now, ...more };
  }

  /** What is stored, as it now is; to be called in an effect. */
  follow(stored: T): void {
    untrack(() => {
      if (alike(stored, this.stored)) return;
      const typed = this.isTyped;
      this.stored = stored;
      if (!typed) this.now = stored;
      this.overtaken = this.isTyped;
    });
  }

  /** These words have been saved; what was typed since has not. */
  settle(saved: T): void {
    this.stored = saved;
    this.overtaken = false;
  }

  /** What is stored takes the place of what was typed. */
  drop(): void {
    this.now = this.stored;
    this.overtaken = false;
  }
}

let held = $state.raw<ReadonlyMap<string, Draft<object>>>(new Map());

/** Somebody else at this device does not see what was typed. */
const keyOf = (name: string): string => `${session.user?.id ?? ""} ${name}`;

/** The draft of that name, as it was left; else a new one. */
export function draftOf<T extends object>(name: string, stored: T): Draft<T> {
  const key = keyOf(name);
  let draft = held.get(key) as Draft<T> | undefined;
  if (draft) {
    draft.follow(stored);
  } else {
    draft = new Draft(stored);
    held = new Map([...held, [key, draft]]);
  }
  return draft;
}

/** Whether something typed waits there to be saved. */
export const isUnfinished = (name: string): boolean => held.get(keyOf(name))?.isTyped ?? false;

/** Asks before something typed is dropped. False: it stays. */
export async function giveUp<T extends object>(draft: Draft<T>): Promise<boolean> {
  if (!draft.isTyped) return true;
  const title = t("chains.unsaved_title");
  const sure = await confirm({
    title,
    text: t("chains.unsaved_text"),
    yes: t("chains.unsaved_drop"),
    danger: true,
  });
  if (sure) draft.drop();
  return sure;
}
