import { priceAttempt } from '../catalog/attempt.ts';
import type { RateCard } from '../catalog/card.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { apis, type Hosting } from '../core/api.ts';
import type { Call } from '../core/call.ts';
import type { PromptWeights, Scope } from '../core/pipeline.ts';
import { promptParts } from '../core/record.ts';
import type { Buckets, InputBucket, OutputBucket, ServedTier } from '../core/usage.ts';
import { answers, answersInMedia, outputCap } from './output-cap.ts';

/** The most a call may use. */
export interface Bound {
  readonly inputTokens: number;
  /** Of all its answers. */
  readonly outputTokens: number;
  /** Nano-USD; `null`: the price is unknown. */
  readonly cost: number | null;
  /** Of one answer. */
  readonly answerTokens: number;
  /** The call says itself how long its answers may be. */
  readonly isCapped: boolean;
  /** The prompt as estimated, without a margin. */
  readonly estimatedInput: number;
}

/** A place a call may go to. */
export interface Place {
  readonly provider: string;
  readonly hosting: Hosting;
  readonly model: string;
  /** The call hardly goes there: that its price is unknown does not make the whole bound unknown. */
  readonly mayBeUnpriced?: true;
}

/** What of a request a bound goes by. */
export type Bounded = Pick<Scope, 'prompt' | 'labels' | 'key'>;

export interface BoundOptions {
  readonly catalog: Catalog;
  /** Where the call may go: the dearest counts. */
  readonly placesOf: (call: Call, scope: Bounded) => readonly Place[];
  /** Attempts of the call that may be billed. */
  readonly paidAttempts: (call: Call, scope: Bounded) => number;
  /** The estimate of a prompt's text times this is taken for its most, where that is less than its bytes. `undefined`: its bytes. */
  readonly inputMargin: number | undefined;
  /** Taken for the length of an answer when neither the call nor the catalog says less. */
  readonly outputTokens: number;
}

const mediaPart = promptParts.indexOf('media');
/** The margin of texts that lie among media, whose bytes are no text; and that of the media. */
const textAmongMedia = 4;
const mediaMargin = 2;
/** What vendors put around a prompt, in tokens, and more of it where tools are given. */
const frameTokens = 64;
const toolsFrameTokens = 1024;

/** Reckons before a call what it may use at most. */
export function bounder(options: BoundOptions): (call: Call, scope: Bounded, nowMs: number) => Bound {
  let last: { readonly call: Call; readonly bound: Bound } | undefined; // limits and budgets ask one after the other
  const reckon = reckoner(options);
  return (call, scope, nowMs) => {
    if (last?.call !== call) last = { call, bound: reckon(call, scope, nowMs) };
    return last.bound;
  };
}

function reckoner(options: BoundOptions): (call: Call, scope: Bounded, nowMs: number) => Bound {
  return (call, scope, nowMs) => {
    const { prompt } = scope;
    if (apis[call.api].operation === 'count_tokens')
      return { inputTokens: 0, outputTokens: 0, answerTokens: 0, cost: 0, isCapped: true, estimatedInput: Math.round(sum(prompt)) };
    const places = options.placesOf(call, scope);
    const input = inputOf(call, prompt, options.inputMargin);
    const output = outputOf(call, places, options);
    const attempts = options.paidAttempts(call, scope);
    return {
      inputTokens: (input.text + input.media) * attempts,
      outputTokens: output.tokens * attempts,
      answerTokens: output.answerTokens,
      cost: costOf(call, places, { ...input, output: output.tokens }, options, nowMs, attempts),
      isCapped: output.isCapped,
      estimatedInput: Math.round(sum(prompt)),
    };
  };
}

const sum = (prompt: PromptWeights | undefined): number => {
  let total = 0;
  for (const weight of prompt?.byPart ?? []) total += weight;
  return total;
};

interface Input {
  readonly text: number;
  readonly media: number;
}

/** A token is a byte at least. What media cost goes by the vendors' formulas, not by their bytes. */
function inputOf(call: Call, prompt: PromptWeights | undefined, margin: number | undefined): Input {
  if (!prompt) return { text: call.sizeBytes, media: 0 };
  const media = prompt.byPart[mediaPart] ?? 0;
  const factor = margin ?? (media > 0 ? textAmongMedia : undefined);
  const estimate = factor === undefined ? call.sizeBytes : Math.ceil((sum(prompt) - media) * factor);
  const text = Math.min(call.sizeBytes, estimate);
  const frame = frameTokens + (call.json('tools') ? toolsFrameTokens : 0);
  return { text: text + frame, media: Math.ceil(media * mediaMargin) };
}

interface Output {
  readonly tokens: number;
  readonly answerTokens: number;
  readonly isCapped: boolean;
}

function outputOf(call: Call, places: readonly Place[], { catalog, outputTokens }: BoundOptions): Output {
  if (!answers(call.api)) return { tokens: 0, answerTokens: 0, isCapped: true };
  const cap = outputCap(call);
  if (cap.tokens !== undefined) return { tokens: cap.tokens * cap.answers, answerTokens: cap.tokens, isCapped: true };
  let most = 0;
  for (const { provider, model } of places) most = Math.max(most, catalog.capabilities(provider, model).maxOutputTokens ?? Infinity);
  const answerTokens = Math.min(most || Infinity, outputTokens);
  return { tokens: answerTokens * cap.answers, answerTokens, isCapped: false };
}

function costOf(
  call: Call,
  places: readonly Place[],
  size: Input & { readonly output: number },
  { catalog }: BoundOptions,
  at: number,
  attempts: number,
): number | null {
  const served = servedAs(call);
  const requestTier = word(call, 'service_tier');
  const inputs = inputBuckets(call, size.media);
  const outputs: readonly OutputBucket[] = answersInMedia(call) ? ['output', 'outputAudio', 'outputImage'] : ['output'];
  let most = 0;
  for (const { provider, hosting, model, mayBeUnpriced } of places)
    for (const input of inputs) {
      if (input !== 'input' && isPricedAsInput(catalog.find(provider, model, at), input)) continue;
      for (const output of outputs) {
        const buckets = bucketsOf(size, input, output);
        const usage = { buckets, source: 'estimated' as const, flags: [], raw: undefined };
        const cost = priceAttempt(catalog, { provider, hosting, requestModel: model, model, usage, served, at, requestTier }).total;
        if (cost === null && !mayBeUnpriced) return null;
        most = Math.max(most, cost ?? 0);
      }
    }
  return most * attempts;
}

const pricedAsInput = new WeakMap<RateCard, Map<InputBucket, boolean>>();

/** Whether a card prices a bucket as fresh input in all it says, so that it need not be reckoned once more. */
function isPricedAsInput(card: RateCard | undefined, bucket: InputBucket): boolean {
  if (!card) return false;
  const known = pricedAsInput.get(card) ?? new Map<InputBucket, boolean>();
  pricedAsInput.set(card, known);
  const found = known.get(bucket) ?? sameAsInput(card, bucket);
  known.set(bucket, found);
  return found;
}

const sameAsInput = ({ tiers, tierRules }: RateCard, bucket: InputBucket): boolean =>
  tiers.every(({ rates }) => rates[bucket] !== undefined && rates[bucket].pico === rates.input?.pico) &&
  Object.values(tierRules).every((words) => [...words.values()].flat().every(({ except }) => except.has(bucket) === except.has('input')));

function bucketsOf({ text, media, output }: Input & { readonly output: number }, input: InputBucket, out: OutputBucket): Buckets {
  if (media === 0) return { [input]: text, [out]: output };
  // Sound is the dearest of the media where they differ.
  return input === 'inputAudio' ? { input: text, inputAudio: media, [out]: output } : { [input]: text + media, [out]: output };
}

/** The buckets a prompt may be billed in: written to the cache it costs more than fresh, at Anthropic only where the call asks for it. */
function inputBuckets(call: Call, media: number): readonly InputBucket[] {
  const { family } = apis[call.api];
  const fresh: readonly InputBucket[] = media > 0 ? ['input', 'inputAudio'] : ['input'];
  if (family === 'google') return fresh;
  if (family === 'openai') return [...fresh, 'cacheWrite'];
  const { whole } = call.received.body;
  if (!whole.includes('"cache_control"')) return fresh;
  return [...fresh, whole.includes('"1h"') ? 'cacheWrite1h' : 'cacheWrite5m'];
}

function servedAs(call: Call): ServedTier {
  const speed = word(call, 'speed');
  const inferenceGeo = word(call, 'inference_geo');
  return { ...(speed !== undefined && { speed }), ...(inferenceGeo !== undefined && { inferenceGeo }) };
}

function word(call: Call, key: string): string | undefined {
  const json = call.json(key)?.toString('latin1');
  return json?.startsWith('"') ? json.slice(1, -1) : undefined;
}
