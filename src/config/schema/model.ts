import * as z from 'zod';
import { inputBuckets, outputBuckets, unitBuckets, type Bucket } from '../../core/usage.ts';
import { nameOption } from './provider.ts';
import { option } from './option.ts';

/** Plain notation of a number, without an exponent: prices are read digit by digit, never as floating point. */
const decimal = (price: number | string): string => (typeof price === 'string' ? price : plain(price));

function plain(price: number): string {
  const short = String(price);
  return short.includes('e') ? price.toFixed(20).replace(/0+$/, '') : short;
}

const price = (description: string, unit: string) =>
  option(
    z.union([z.number().min(0).max(1e9), z.string().regex(/^\d{1,9}(\.\d{1,12})?$/, 'must be a decimal number such as "0.25"')]),
    description,
    { unit },
  )
    .transform(decimal)
    .optional();

const tokenPrice = 'USD per million tokens';
const unitPrice = 'USD per 1,000 uses';
const pricesOf = <B extends Bucket>(buckets: readonly B[], unit: string) =>
  Object.fromEntries(buckets.map((bucket) => [bucket, price(`Price of \`${bucket}\`.`, unit)])) as Record<B, ReturnType<typeof price>>;

const prices = z.strictObject({
  ...pricesOf(inputBuckets, tokenPrice),
  ...pricesOf(outputBuckets, tokenPrice),
  ...pricesOf(unitBuckets, unitPrice),
});

const limits = z.strictObject({
  contextTokens: option(z.int().min(1), 'Largest input and output together.', { unit: 'tokens' }).optional(),
  maxOutputTokens: option(z.int().min(1), 'Largest output.', { unit: 'tokens' }).optional(),
});

export const modelOptions = option(
  z.strictObject({
    provider: option(nameOption, 'Name of a provider above.'),
    model: option(z.string().min(1), "The provider's own name of the model. Left out: the public name.").optional(),
    prices: option(
      prices,
      "Prices that replace the catalog's; a bucket left out keeps the catalog's price. Numbers or decimal strings.",
    ).optional(),
    limits: option(limits, "Limits that replace the catalog's.").optional(),
  }),
  'A model under a name of your choice.',
);
