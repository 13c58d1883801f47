import type { Cost } from '../core/record.ts';
import { unitBuckets, type Bucket, type Buckets, type NanoUsd } from '../core/usage.ts';
import type { RateCard } from './card.ts';
import type { Confidence } from './data.ts';
import { usdText } from './decimal.ts';
import { isEmpty } from './lines.ts';
import { noCost, pricing, unknownCost } from './price.ts';
import type { PriceContext } from './tier.ts';

export interface RateRow {
  /** `request`: a fee for each request. */
  readonly bucket: Bucket | 'request';
  /** Decimal. */
  readonly usd: string;
  readonly per: 'million tokens' | 'thousand uses' | 'thousand requests';
  /** Holds when the total input is larger than this many tokens; `undefined`: from the first token on. */
  readonly above: number | undefined;
}

/** The rates of a card that are its own, tier by tier. */
export function listRates(card: RateCard): readonly RateRow[] {
  const fee: readonly RateRow[] =
    card.requestFee > 0 ? [{ bucket: 'request', ...usdOf('request', card.requestFee), above: undefined }] : [];
  const byTier = card.tiers.flatMap(({ above, rates }) =>
    (Object.entries(rates) as [Bucket, { readonly pico: number; readonly of: Bucket }][])
      .filter(([bucket, { of }]) => of === bucket)
      .map(([bucket, { pico }]) => ({ bucket, ...usdOf(bucket, pico), above: above < 0 ? undefined : above })),
  );
  return [...byTier, ...fee];
}

export interface ExplainedRow {
  readonly bucket: RateRow['bucket'];
  readonly count: number;
  readonly usd: string;
  readonly per: RateRow['per'];
  /** The bucket the rate belongs to, when it is not this one. */
  readonly rateOf: Bucket | undefined;
  /** Of the tier: `1/2`; `1` when it changes nothing. */
  readonly factor: string;
  /** `undefined`: the tier has no price. */
  readonly amount: NanoUsd | undefined;
  readonly flag: string | undefined;
}

export interface Explanation {
  readonly cost: Cost;
  /** One a bucket that has a rate and a count, and one for the fee of the request. */
  readonly rows: readonly ExplainedRow[];
  /** Where the rates are from, and where the factors are. */
  readonly sources: readonly string[];
  readonly confidence: Confidence | undefined;
  /** ISO date from which the rates hold, where known. */
  readonly from: string | undefined;
}

/** How `price` comes to its result, for people. */
export function explainPrice(card: RateCard | undefined, buckets: Buckets, context: PriceContext): Explanation {
  if (!card || isEmpty(buckets)) {
    const cost = isEmpty(buckets) ? noCost : unknownCost;
    return { cost, rows: [], sources: [], confidence: undefined, from: undefined };
  }
  const { cost, bill, effect, settled } = pricing(card, buckets, context);
  const rows = bill.lines.map(({ bucket, isFee, count, rate, numerator }, at) => ({
    bucket: isFee ? ('request' as const) : bucket,
    count,
    ...usdOf(isFee ? 'request' : bucket, rate.pico),
    rateOf: rate.of === bucket ? undefined : rate.of,
    factor: fraction(numerator, bill.denominator),
    amount: settled?.parts[at],
    flag: rate.flag,
  }));
  return {
    cost,
    rows,
    sources: [card.source, ...effect.modifiers.map(({ source }) => source)],
    confidence: card.confidence,
    from: card.from,
  };
}

const units: ReadonlySet<string> = new Set(unitBuckets);

function usdOf(bucket: RateRow['bucket'], pico: number): Pick<RateRow, 'usd' | 'per'> {
  if (bucket === 'request') return { usd: usdText(pico, 9), per: 'thousand requests' };
  if (units.has(bucket)) return { usd: usdText(pico, 9), per: 'thousand uses' };
  return { usd: usdText(pico, 6), per: 'million tokens' };
}

function fraction(numerator: number, denominator: number): string {
  const divisor = greatestCommonDivisor(numerator, denominator);
  return divisor === denominator ? `${numerator / divisor}` : `${numerator / divisor}/${denominator / divisor}`;
}

const greatestCommonDivisor = (a: number, b: number): number => (b === 0 ? a : greatestCommonDivisor(b, a % b));
