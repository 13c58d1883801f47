/** Money as whole pico-USD (1e-12 USD) or nano-USD (1e-9 USD) in BigInt: nothing is rounded before the end. */
export type PicoUsdExact = bigint;
export type NanoUsdExact = bigint;

/** `'1.25'` USD per million tokens as pico-USD per token. @throws {RangeError} for anything but a plain decimal with at most 6 digits after the point. */
export function picoPerToken(usdPerMillion: string): PicoUsdExact {
  const match = /^(\d+)(?:\.(\d{1,6}))?$/.exec(usdPerMillion);
  if (!match) throw new RangeError(`not a rate: ${usdPerMillion}`);
  return BigInt(match[1]! + (match[2] ?? '').padEnd(6, '0'));
}

/** Pico to nano, half to even: the only rounding of a call. `perNano`: how many of what is summed make a nano-USD. */
export function toNano(pico: PicoUsdExact, perNano = 1000n): NanoUsdExact {
  const whole = pico / perNano;
  const rest = (pico % perNano) * 2n;
  const up = rest > perNano || (rest === perNano && whole % 2n === 1n);
  return up ? whole + 1n : whole;
}
