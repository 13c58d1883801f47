import { perSecond } from '../../core/per-second.ts';

/** What is read of prompts that are only observed: about one percent of a core. */
export const observedBytesPerSecond = 1024 * 1024;
/** A longer prompt is not read for that: it would hold up others for milliseconds. */
export const maxObservedBytes = 256 * 1024;

/** Tells whether there is room to read so many bytes of a prompt that nothing is done about. `now`: epoch ms. */
export function createReadingAllowance(now: () => number): (sizeBytes: number) => boolean {
  const mayTake = perSecond(observedBytesPerSecond, now);
  return (sizeBytes) => sizeBytes <= maxObservedBytes && mayTake(sizeBytes);
}
