import { Histogram } from './histogram.ts';

/** Seconds. */
const bounds = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 5] as const;
const everyMs = 10;

export interface LoopDelay {
  readonly histogram: Histogram;
  /** Longest delay seen, seconds. */
  readonly max: () => number;
  readonly stop: () => void;
}

/** How late a timer is that should fire each 10 ms: whatever held up the event loop held up requests too. */
export function watchLoopDelay(now: () => number = () => performance.now()): LoopDelay {
  const histogram = new Histogram(bounds);
  let max = 0;
  let last = now();
  const timer = setInterval(() => {
    const at = now();
    const late = Math.max(0, at - last - everyMs) / 1000;
    last = at;
    histogram.add(late);
    if (late > max) max = late;
  }, everyMs).unref();
  return { histogram, max: () => max, stop: () => clearInterval(timer) };
}
