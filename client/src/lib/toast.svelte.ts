export type ToastKind = "info" | "ok" | "error";

export interface ToastOptions {
  undo?: () => void;
  kind?: ToastKind;
}

export interface ToastItem extends ToastOptions {
  id: number;
  message: string;
}

const SHOWN_MS = 4_000;
const UNDO_MS = 8_000;

let next = 0;
let items = $state.raw<ToastItem[]>([]);

export const toasts = {
  get items(): ToastItem[] {
    return items;
  },
  dismiss(id: number): void {
    items = items.filter((item) => item.id !== id);
  },
};

/** A short message at the foot of the screen; one with `undo` stays longer. */
export function toast(message: string, options: ToastOptions = {}): void {
  const id = ++next;
  // Three at most: a fourth pushes the oldest out.
  items = [...items.slice(-2), { id, message, ...options }];
  setTimeout(() => toasts.dismiss(id), options.undo ? UNDO_MS : SHOWN_MS);
}
