/** What every screen needs of notices; the rest comes with the room's pages. */
import type { Notice } from "../gen/api";

export const isSeen = (row: Notice): boolean => row.seen_at !== null;

export const unread = (rows: Notice[], me: string | undefined): number =>
  rows.filter((row) => row.to_id === me && !isSeen(row)).length;
