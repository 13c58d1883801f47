interface Backoff {
  readonly backoffMs: number;
  readonly maxBackoffMs: number;
}

/** Wait before the n-th repetition, from 1: it doubles, and is spread by half either way so that clients that failed together do not return together. */
export function backoffFor(repetition: number, { backoffMs, maxBackoffMs }: Backoff, random: number): number {
  const meanMs = backoffMs * 2 ** (repetition - 1);
  return Math.min(maxBackoffMs, meanMs * (0.5 + random));
}
