import type { Bench } from './bench.ts';

/** The benches by name, in the order of the list and of the generated page. Loaded only when they run. */
export const benches: Readonly<Record<string, () => Promise<Bench>>> = {
  gateway: () => import('./gateway.ts'),
  profile: () => import('./profile.ts'),
  scanner: () => import('./scanner.ts'),
  meter: () => import('./meter.ts'),
  docs: () => import('./docs.ts'),
};
