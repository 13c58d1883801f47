/** Tells whether there is still room for `amount` in the current second, and takes it. `now`: ms of any clock. */
export function perSecond(most: number, now: () => number): (amount?: number) => boolean {
  let second = -Infinity;
  let left = 0;
  return (amount = 1) => {
    const current = Math.floor(now() / 1000);
    if (current !== second) {
      second = current;
      left = most;
    }
    if (amount > left) return false;
    left -= amount;
    return true;
  };
}
