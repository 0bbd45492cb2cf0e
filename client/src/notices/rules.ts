/** What is shown of notices, and in which order. */
import type { Notice, NoticeRoute, Person } from "../gen/api";
import { isSeen } from "./state";

export const TEXT_MAX = 500;

/** One's own: unread first, then the newest. */
export function inbox(rows: Notice[], me: string | undefined): Notice[] {
  const own = rows.filter((row) => row.to_id === me);
  return own.sort((a, b) => Number(isSeen(a)) - Number(isSeen(b)) || b.at - a.at);
}

/** What was told at once, to however many. */
export interface Batch {
  id: string;
  first: Notice;
  rows: Notice[];
  /** Robots write once for all. */
  robots: NoticeRoute[];
  seen: number;
}

/** What oneself sent, and what the system told others; the newest first. */
export function outgoing(rows: Notice[], me: string | undefined): Batch[] {
  const batches = new Map<string, Notice[]>();
  for (const row of rows) {
    if (row.sender_id !== me && row.to_id === me) continue;
    batches.set(row.batch, [...(batches.get(row.batch) ?? []), row]);
  }
  const all = [...batches].map(([id, list]): Batch => {
    const sorted = list.sort((a, b) => (a.id < b.id ? -1 : 1));
    const first = sorted[0]!;
    const robots = first.routes.filter((route) => route.route === "robot");
    return { id, first, rows: sorted, robots, seen: sorted.filter(isSeen).length };
  });
  return all.sort((a, b) => b.first.at - a.first.at);
}

/** The ways to a person that there are; empty when nothing reaches them. */
export function waysOf(row: Notice): NoticeRoute[] {
  return row.routes.filter((route) => route.route !== "robot" && route.state !== "none");
}

/** Neither mail nor phone: only whoever opens the app sees it. */
export function isUnreachable(row: Notice): boolean {
  const outside = row.routes.filter((route) => route.route === "mail" || route.route === "push");
  return row.seen_at === null && outside.length > 0 && outside.every((route) => route.state === "none");
}

/** Whom one may write to. */
export const colleagues = (people: Person[], team_id: string, me: string | undefined): Person[] =>
  people.filter((one) => one.active && one.team_id === team_id && one.id !== me);
