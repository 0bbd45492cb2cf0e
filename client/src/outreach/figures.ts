/** What the numbers page shows. Pure. */
import type { StepChannel } from "../gen/api";
import type { Numbers } from "./remote";

export interface Share {
  tried: number;
  answered: number;
  /** Whole percent; 0 where nothing was tried. */
  percent: number;
}

const shareOf = (rows: Numbers["success"]): Share => {
  const tried = rows.reduce((sum, row) => sum + row.tried, 0);
  const answered = rows.reduce((sum, row) => sum + row.answered, 0);
  return { tried, answered, percent: tried === 0 ? 0 : Math.round((answered / tried) * 100) };
};

export interface Row {
  all: Share;
  by: { channel: StepChannel; share: Share }[];
}

export interface Table {
  channels: StepChannel[];
  lines: (Row & { reason_id: string })[];
  total: Row;
}

/** A line per reason, what was tried most first, and a column per channel that was used. */
export function table(success: Numbers["success"]): Table {
  const channels = [...new Set(success.map((row) => row.channel))];
  const rowOf = (own: Numbers["success"]): Row => ({
    all: shareOf(own),
    by: channels.map((channel) => ({
      channel,
      share: shareOf(own.filter((row) => row.channel === channel)),
    })),
  });
  const reasons = [...new Set(success.map((row) => row.reason_id))];
  const lines = reasons.map((reason_id) => ({
    reason_id,
    ...rowOf(success.filter((row) => row.reason_id === reason_id)),
  }));
  lines.sort((a, b) => b.all.tried - a.all.tried || (a.reason_id < b.reason_id ? -1 : 1));
  return { channels, lines, total: rowOf(success) };
}

/** The hours that anybody answered in, so that the table holds no empty night; whole hours from and until. */
export function hoursOf(heat: number[][]): number[] {
  const used = Array.from({ length: 24 }, (_, hour) => heat.some((day) => (day[hour] ?? 0) > 0));
  const first = used.indexOf(true);
  if (first < 0) return [];
  const last = used.lastIndexOf(true);
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

/** The strongest hour, to compare the others with. */
export const peakOf = (heat: number[][]): number => Math.max(0, ...heat.flat());
