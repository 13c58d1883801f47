import * as z from 'zod';
import { modalities } from '../../catalog/capabilities.ts';
import { knobs } from '../../core/canonical/knob.ts';
import { efforts } from '../../core/canonical/reasoning.ts';
import { balances } from '../../core/deployment.ts';
import { inputBuckets, outputBuckets, unitBuckets, type Bucket } from '../../core/usage.ts';
import { apiKeyOption, nameOption } from './provider.ts';
import { option, whole } from './option.ts';

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

const meanings: Readonly<Record<Bucket, string>> = {
  input: 'Fresh text input.',
  inputAudio: 'Fresh audio input.',
  inputImage: 'Fresh image input.',
  inputVideo: 'Fresh video input.',
  cacheRead: 'Text read from the prompt cache.',
  cacheReadAudio: 'Audio read from the prompt cache.',
  cacheReadImage: 'Images read from the prompt cache.',
  cacheReadVideo: 'Video read from the prompt cache.',
  cacheWrite: 'Input written to the prompt cache, lifetime not stated.',
  cacheWrite5m: 'Input written to the prompt cache for 5 minutes.',
  cacheWrite30m: 'Input written to the prompt cache for 30 minutes.',
  cacheWrite1h: 'Input written to the prompt cache for 1 hour.',
  cacheWrite12h: 'Input written to the prompt cache for 12 hours.',
  output: 'Text output, tool-call arguments included.',
  reasoning: 'Reasoning output.',
  outputAudio: 'Audio output.',
  outputImage: 'Image output.',
  webSearch: 'Web searches.',
  webFetch: 'Fetched web pages.',
  fileSearch: 'File searches.',
  codeExecution: 'Runs of code.',
  imageGeneration: 'Generated images.',
  pages: 'Pages read.',
};

const pricesOf = <B extends Bucket>(buckets: readonly B[], unit: string) =>
  Object.fromEntries(buckets.map((bucket) => [bucket, price(meanings[bucket], unit)])) as Record<B, ReturnType<typeof price>>;

const prices = z.strictObject({
  ...pricesOf(inputBuckets, tokenPrice),
  ...pricesOf(outputBuckets, tokenPrice),
  ...pricesOf(unitBuckets, unitPrice),
});

const limits = z.strictObject({
  contextTokens: option(z.int().min(1), 'Largest input and output together.', { unit: 'tokens' }).optional(),
  maxOutputTokens: option(z.int().min(1), 'Largest output.', { unit: 'tokens' }).optional(),
});

const yesOrNo = (description: string) => option(z.boolean(), description).optional();
const words = <const T extends readonly [string, ...string[]]>(values: T, description: string) =>
  option(z.array(z.enum(values)).max(values.length), `${description} Of: ${values.join(', ')}.`).optional();

const capabilities = z.strictObject({
  input: words(modalities, 'What can be in a prompt.'),
  tools: yesOrNo('Takes tools.'),
  forcedTools: yesOrNo('Takes a call that says a tool must be called.'),
  structuredOutputs: yesOrNo('Can hold an answer to a JSON Schema.'),
  efforts: words(efforts, 'Words for how much to think that it takes; others are sent as the nearest.'),
  effortDefault: option(z.enum(efforts), 'How much it thinks when nothing is said.').optional(),
  adaptiveThinking: yesOrNo("Takes Anthropic's adaptive thinking."),
  thinkingBudget: yesOrNo('Takes a number of thinking tokens.'),
  thinkingOff: yesOrNo('Thinking can be turned off.'),
  refuses: words(knobs, 'Settings it answers with an error; they are left out.'),
  refusesThinking: words(knobs, 'Settings it answers with an error unless thinking is off.'),
});

const target = option(
  z.strictObject({
    provider: option(nameOption, 'Name of a provider above.'),
    model: option(z.string().min(1), "The provider's own name of the model. Left out: the public name.").optional(),
    weight: whole('Share of the calls, beside the weights of the other targets.', { min: 0, max: 1_000_000, default: 1 }),
    apiKey: apiKeyOption("Key for this target in place of the provider's. Write `${VAR}`, not the value.").optional(),
  }),
  'One place that serves the model.',
);

/** Entries in each list of a model at most. */
const maxTargets = 16;

const names = (description: string) =>
  option(
    z
      .array(option(z.string().min(1).max(256), 'A model name above, or `provider/model`.'))
      .min(1)
      .max(maxTargets),
    description,
  ).optional();

export const modelOptions = option(
  z.strictObject({
    provider: option(nameOption, 'Name of a provider above. Left out: the first of `targets`.').optional(),
    model: option(z.string().min(1), "The provider's own name of the model. Left out: the public name.").optional(),
    targets: option(
      z.array(target).min(1).max(maxTargets),
      'Several places that serve the model equally, in place of `provider` and `model`. Prices, limits and capabilities below hold for all of them.',
    ).optional(),
    balance: option(
      z.enum(balances),
      'Which target is asked first: `order`, the first that is well; `weight`, at random by weight; `latency`, the quicker of two drawn at random; `cost`, the cheapest by the catalog. Left out: `order`, which keeps prompt caches warm.',
    ).optional(),
    fallbacks: names('Models to ask, in this order, when every target fails before its first byte. Their own fallbacks do not count.'),
    onContextOverflow: names('Models to ask when the prompt does not fit.'),
    onContentFilter: names('Models to ask when a content filter refuses.'),
    prices: option(
      prices,
      "Prices in place of all the catalog's, as numbers or decimal strings. 0 is a price; a kind of token left out is priced at a related rate.",
    ).optional(),
    limits: option(limits, "Limits that replace the catalog's.").optional(),
    capabilities: option(
      capabilities,
      'What the model takes, in place of what the catalog says of it, field by field. Counts for calls that are translated.',
    ).optional(),
  }),
  'A model under a name of your choice.',
);
