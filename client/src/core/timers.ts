/** Time that can be faked. */
export interface Timers {
  /** Runs `task` once after `ms`; the answer cancels it. */
  after(ms: number, task: () => void): () => void;
}

export const realTimers: Timers = {
  after(ms, task) {
    const id = setTimeout(task, ms);
    return () => clearTimeout(id);
  },
};

/** Runs `task` every `ms` until the answer is called. */
export function every(timers: Timers, ms: number, task: () => void): () => void {
  let cancel = (): void => {};
  const next = (): void => {
    cancel = timers.after(ms, () => {
      next();
      task();
    });
  };
  next();
  return () => cancel();
}
