/** The next open callback of each buyer. Pure. */
import type { Callback } from "../gen/api";
import { isOpen } from "./state";

export function nextCalls(rows: readonly Callback[]): Map<string, Callback> {
  const next = new Map<string, Callback>();
  for (const row of rows) {
    const known = next.get(row.customer_id);
    if (isOpen(row) && (!known || row.due_at < known.due_at)) next.set(row.customer_id, row);
  }
  return next;
}
