/** What is read of prompts that are only observed: about one percent of a core. */
export const observedBytesPerSecond = 1024 * 1024;
/** A longer prompt is not read for that: it would hold up others for milliseconds. */
export const maxObservedBytes = 256 * 1024;

/** Tells whether there is room to read so many bytes of a prompt that nothing is done about. `now`: epoch ms. */
export function createReadingAllowance(now: () => number): (sizeBytes: number) => boolean {
  let second = -1;
  let left = 0;
  return (sizeBytes) => {
    const current = Math.floor(now() / 1000);
    if (current !== second) {
      second = current;
      left = observedBytesPerSecond;
    }
    if (sizeBytes > maxObservedBytes || sizeBytes > left) return false;
    left -= sizeBytes;
    return true;
  };
}
