import { newId } from '../../core/id.ts';
import { promptParts, type CallRecord, type Feedback, type LedgerEvent, type Saving } from '../../core/record.ts';
import type { NanoUsd } from '../../core/usage.ts';

/** First and last time of generated calls: the clocks of Europe and America change in between. */
export const generatedSpan = { from: Date.UTC(2026, 9, 10, 7, 13), to: Date.UTC(2026, 10, 14, 19, 41) } as const;

/** Numbers from 0 to 1, the same for the same seed. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

type Random = () => number;
const whole = (random: Random, most: number): number => Math.floor(random() * (most + 1));
/** The first values are the most frequent. */
const pick = <T>(random: Random, values: readonly T[]): T => values[Math.floor(random() ** 2 * values.length)]!;
const maybe = <T>(random: Random, share: number, make: () => T): T | undefined => (random() < share ? make() : undefined);

const models = ['claude-sonnet-4-5', 'gpt-5-mini', 'gpt-5', 'gemini-2.5-flash', 'claude-haiku-4-5', 'modèle=local'] as const;
const apps = ['shop', 'desk', 'agent', 'batch', 'ops', 'Ünï "quoted"', ''] as const;
const apis = ['openai.chat', 'anthropic.messages', 'openai.responses'] as const;
const signals = ['truncated', 'invalid_json', 'regenerated', 'loop:repeat'] as const;

export interface Generated {
  readonly count: number;
  readonly seed?: number;
  readonly from?: number;
  readonly to?: number;
  /** Different users; sessions and tasks in proportion. */
  readonly users?: number;
}

/** Calls in the order of time, with all that queries speak of, and feedback among them. */
export function* generatedEvents({
  count,
  seed = 1,
  from = generatedSpan.from,
  to = generatedSpan.to,
  users = 50,
}: Generated): Generator<LedgerEvent> {
  const random = seeded(seed);
  let last: CallRecord | undefined;
  for (let index = 0; index < count; index++) {
    const call = generatedCall(random, Math.floor(from + ((to - from) * index) / count), users);
    yield call;
    if (last && random() < 0.03) yield generatedFeedback(random, last, `feedback-${seed}-${index}`, call.at);
    last = call;
  }
}

function generatedCall(random: Random, at: number, users: number): CallRecord {
  const model = pick(random, models);
  const outcome = pick(random, ['ok', 'ok', 'ok', 'ok', 'failed', 'truncated', 'aborted', 'refused'] as const);
  const durationMs = whole(random, 400) ** 2 / 10 + whole(random, 999) / 1000;
  const buckets = tokensOf(random);
  const attempts = 1 + (random() < 0.05 ? 1 : 0);
  return {
    type: 'call',
    id: newId(at),
    at,
    api: pick(random, apis),
    operation: pick(random, ['chat', 'chat', 'chat', 'chat', 'chat', 'embeddings', 'count_tokens'] as const),
    labels: labelsOf(random, users),
    key: maybe(random, 0.8, () => `key_${whole(random, Math.ceil(users / 5))}`),
    requestModel: pick(random, [model, 'default', 'fast']),
    model,
    provider: pick(random, ['anthropic', 'openai', 'google']),
    hosting: maybe(random, 0.9, () => pick(random, ['api', 'cloud', 'self-hosted'] as const)),
    stream: random() < 0.6,
    outcome,
    errorCode: outcome === 'ok' ? undefined : pick(random, ['provider_error', 'provider_timeout', 'aborted'] as const),
    status: outcome === 'ok' ? 200 : 502,
    finishReason: maybe(random, 0.9, () => pick(random, ['stop', 'tool_calls', 'length'] as const)),
    buckets,
    usageSource: maybe(random, 0.95, () => pick(random, ['provider', 'provider', 'partial', 'estimated'] as const)),
    flags: [],
    cost: costOf(random, buckets),
    attempts: Array.from({ length: attempts }, () => attemptOf(random, at)),
    extraCost: attempts > 1 ? { retries: whole(random, 1_000_000) as NanoUsd, hedges: random() < 0.5 ? null : (0 as NanoUsd) } : undefined,
    parts: maybe(random, 0.9, () => Object.fromEntries(promptParts.map((part) => [part, whole(random, 2000)]))),
    durationMs,
    timeToFirstByteMs: maybe(random, 0.9, () => Math.floor(durationMs * random() * 1000) / 1000),
    gatewayMs: maybe(random, 0.9, () => whole(random, 3000) / 1000),
    requestBytes: 1000,
    replyBytes: 500,
    annotations: annotationsOf(random),
  };
}

const labelsOf = (random: Random, users: number): CallRecord['labels'] => ({
  app: maybe(random, 0.95, () => pick(random, apps)),
  feature: maybe(random, 0.8, () => `feature-${whole(random, 11)}`),
  user: maybe(random, 0.9, () => `user-${Math.floor(random() ** 2 * users)}`),
  team: maybe(random, 0.7, () => pick(random, ['red', 'blue', 'green'])),
  session: maybe(random, 0.8, () => `session-${whole(random, users * 8)}`),
  task: maybe(random, 0.5, () => `task-${whole(random, users * 5)}`),
  client: maybe(random, 0.9, () => pick(random, ['openai-node', 'claude-cli', 'curl'])),
  ...maybe(random, 0.4, () => ({ tags: { env: pick(random, ['prod', 'dev', 'é"']), 'x.y-z': '1' } })),
});

function tokensOf(random: Random): CallRecord['buckets'] {
  return {
    ...(random() < 0.95 && { input: whole(random, 4000) }),
    ...(random() < 0.1 && { inputImage: whole(random, 900) }),
    ...(random() < 0.5 && { cacheRead: whole(random, 30_000) }),
    ...(random() < 0.2 && { cacheWrite5m: whole(random, 5000) }),
    ...(random() < 0.97 ? { output: whole(random, 1500) } : { output: null }),
    ...(random() < 0.3 && { reasoning: whole(random, 3000) }),
  };
}

function costOf(random: Random, buckets: CallRecord['buckets']): CallRecord['cost'] {
  if (random() < 0.04) return { total: null, byBucket: {}, status: 'unpriced', flags: [] };
  const rates = { input: 3000, inputImage: 3000, cacheRead: 300, cacheWrite5m: 3750, output: 15_000, reasoning: 15_000 } as const;
  const byBucket = Object.fromEntries(
    Object.entries(rates).flatMap(([bucket, rate]) => {
      const tokens = buckets[bucket as keyof typeof rates];
      return tokens ? [[bucket, tokens * rate]] : [];
    }),
  ) as CallRecord['cost']['byBucket'];
  const total = Object.values(byBucket).reduce((sum, cost) => sum + cost, 0);
  return { total: total as NanoUsd, byBucket, status: pick(random, ['exact', 'fallback_rate']), flags: [], priceVersion: 'a' };
}

const attemptOf = (random: Random, at: number): CallRecord['attempts'][number] => ({
  provider: 'anthropic',
  hosting: 'api',
  requestModel: 'm',
  model: 'm',
  responseId: undefined,
  status: 200,
  outcome: 'ok',
  finishReason: 'stop',
  usage: undefined,
  served: {
    ...maybe(random, 0.5, () => ({ serviceTier: pick(random, ['standard', 'priority']) })),
    ...maybe(random, 0.3, () => ({ inferenceGeo: pick(random, ['us', 'eu']) })),
  },
  cost: { total: null, byBucket: {}, status: 'none', flags: [] },
  at,
  timeToFirstByteMs: undefined,
  durationMs: 1,
});

function annotationsOf(random: Random): CallRecord['annotations'] {
  if (random() < 0.3) return undefined;
  return {
    ...maybe(random, 0.8, () => ({ arm: pick(random, ['treatment', 'holdout'] as const) })),
    ...maybe(random, 0.9, () => ({ language: pick(random, ['en', 'de', 'hi', 'th']) })),
    ...maybe(random, 0.3, () => ({ route: pick(random, ['cheap', 'long']) })),
    ...maybe(random, 0.3, () => ({ sensitivity: pick(random, ['internal', 'secret']) })),
    ...maybe(random, 0.2, () => ({ signals: signals.filter(() => random() < 0.5) })),
    ...maybe(random, 0.4, () => ({ savings: [savingOf(random), savingOf(random)] })),
  };
}

const savingOf = (random: Random): Saving => ({
  stage: pick(random, ['prompt-cache', 'context']),
  mode: pick(random, ['on', 'observe']),
  inputTokens: whole(random, 500) - 50,
  outputTokens: 0,
  cost: random() < 0.1 ? null : ((whole(random, 900_000) - 100_000) as NanoUsd),
  basis: 'measured',
});

function generatedFeedback(random: Random, { id, labels: { task, session } }: CallRecord, feedbackId: string, at: number): Feedback {
  const kind = random();
  const about = kind < 0.2 && task !== undefined ? { task } : kind < 0.4 && session !== undefined ? { session } : { call: id };
  return { type: 'feedback', id: feedbackId, at, about, score: whole(random, 2000) / 1000 - 0.5 };
}
