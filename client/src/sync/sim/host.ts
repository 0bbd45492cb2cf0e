/** What of Node the simulation touches. */
export const host = globalThis as unknown as {
  setImmediate(task: () => void): unknown;
  process: { env: Record<string, string | undefined> };
};

/** The seeds to run: always the same ones, unless one is asked for by DUTYBOARD_SEED or more by DUTYBOARD_CASES. */
export function seeds(usual: number): number[] {
  const { DUTYBOARD_SEED: one, DUTYBOARD_CASES: factor } = host.process.env;
  if (one) return [Number(one)];
  return Array.from({ length: Math.max(1, Math.round(usual * Number(factor ?? 1))) }, (_, i) => i + 1);
}
