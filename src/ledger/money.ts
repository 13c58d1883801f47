/** Nano-USD as USD, exact: `1500000n` is `0.0015`. */
export function usd(nanoUsd: bigint): string {
  const digits = (nanoUsd < 0n ? -nanoUsd : nanoUsd).toString().padStart(10, '0');
  const fraction = digits.slice(-9).replace(/0+$/, '');
  return `${nanoUsd < 0n ? '-' : ''}${digits.slice(0, -9)}${fraction === '' ? '' : `.${fraction}`}`;
}

/**
 * Divides a whole number in proportion to weights; the shares are whole numbers and sum to it. All goes to the last share when there is
 * no weight.
 */
export function split(total: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((left, right) => left + right, 0);
  const exact = Number.isSafeInteger(total * sum);
  let before = 0;
  let weight = 0;
  return weights.map((own, index) => {
    weight += own;
    const reached =
      index === weights.length - 1
        ? total
        : sum === 0
          ? 0
          : exact
            ? Math.floor((total * weight) / sum)
            : Number((BigInt(total) * BigInt(weight)) / BigInt(sum));
    const share = reached - before;
    before = reached;
    return share;
  });
}
