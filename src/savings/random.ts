/** Numbers of 32 bits, the same ones for the same seed: a report read twice is the same report. */
export type Random = () => number;

/** Xorshift with a Weyl sequence (Marsaglia's xorwow, cut to what bootstraps need). */
export function seededRandom(seed: number): Random {
  let state = seed | 0 || 0x9e3779b9;
  let weyl = 0;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    weyl = (weyl + 0x6c078965) | 0;
    return (state + weyl) >>> 0;
  };
}
