import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { CallRecord } from '../../core/record.ts';
import type { NanoUsd } from '../../core/usage.ts';
import type { FindingKind } from '../kinds.ts';
import { claude, found, gpt, rates, recorded, start, traffic, type Model } from './testing.ts';

const models: readonly Model[] = [claude, gpt];
const minuteMs = 60_000;

suite('clean traffic: no claim', () => {
  for (const model of models) {
    test(`an agent, ${model}`, () => {
      const { findings, calls, unpriced } = found(traffic(model));
      assert.deepEqual([findings, calls, unpriced], [[], 120, 0]);
    });

    test(`an agent whose helpers have prompts of their own in the same session, ${model}`, () => {
      const helpers = traffic(model, { sessions: 6 }).flatMap(
        (record, at) =>
        at % 5 === 2 ? [record, recorded(model, { at: record.at + 5000, labels: record.labels, finishReason: 'stop', buckets: { input: 12_000, output: 90 } })] : [record], // prettier-ignore
      );
      assert.deepEqual(found(helpers).findings, []);
    });
  }

  test('questions of people, streamed, each another one', () => {
    const asked = Array.from({ length: 300 }, (_, at) => recorded(gpt, { at: start + at * 1000, labels: { app: 'chat', user: `u${at}` }, buckets: { input: 800 + at, output: 300 }, parts: { system: 600, user: 200 + at } })); // prettier-ignore
    assert.deepEqual(found(asked).findings, []);
  });

  test('bulk work that calls tools, and a few calls of a program now and then', () => {
    const steps = Array.from({ length: 300 }, (_, at) => recorded(gpt, { at: start + at * 1000, stream: false, labels: { app: 'jobs' }, finishReason: 'tool_calls', buckets: { input: 900, output: 40 }, parts: { tools: 500, user: 400 } })); // prettier-ignore
    const now = Array.from({ length: 300 }, (_, at) => recorded(gpt, { at: start + at * 10 * minuteMs, stream: false, labels: { app: 'cron' }, buckets: { input: 900, output: 200 } })); // prettier-ignore
    assert.deepEqual(found([...steps, ...now]).findings, []);
  });
});

interface Planted {
  readonly kind: FindingKind;
  readonly subject: RegExp;
  readonly records: (model: Model) => CallRecord[];
  /** USD, by hand. */
  readonly expected: (model: Model) => number;
  readonly models?: readonly Model[];
}

/** Turns of a session that read nothing of what the one before sent. */
const cold = (model: Model, more: (turn: number) => Partial<CallRecord> = () => ({})): CallRecord[] =>
  Array.from({ length: 10 }, (_, turn) =>
    recorded(model, {
      at: start + turn * 20_000,
      labels: { app: 'cold', session: 'cold' },
      buckets: model === claude ? { cacheWrite5m: 10_000 + turn * 500, output: 100 } : { input: 10_000 + turn * 500, output: 100 },
      ...more(turn),
    }),
  );
const anew = (model: Model): number => (model === claude ? rates[model].write : rates[model].input) - rates[model].read;
/** Tokens sent before, of the nine calls behind the first. */
const sentBefore = Array.from({ length: 9 }, (_, turn) => 10_000 + turn * 500).reduce((sum, tokens) => sum + tokens, 0);
const failed = { provider: 'slow', errorCode: 'provider_timeout', served: {} } as unknown as CallRecord['attempts'][number];

const planted: readonly Planted[] = [
  {
    kind: 'cache_broken',
    subject: /^timestamp$/,
    records: (model) => cold(model, (turn) => (turn === 0 ? {} : { annotations: { signals: ['prefix:timestamp'] } })),
    expected: (model) => sentBefore * anew(model),
  },
  {
    kind: 'cache_broken',
    subject: /cause not looked at$/,
    records: (model) => cold(model),
    expected: (model) => sentBefore * anew(model),
  },
  {
    kind: 'cache_unused',
    subject: /no marks$/,
    models: [claude],
    records: (model) => cold(model, (turn) => ({ buckets: { input: 10_000 + turn * 500, output: 100 } })),
    expected: (model) => sentBefore * (rates[model].input - rates[model].read) - (10_000 + 9 * 500) * (rates[model].write - rates[model].input), // prettier-ignore
  },
  {
    kind: 'cache_expired',
    subject: /pauses/,
    models: [claude],
    // Ten minutes between two turns: what was written for five is written again, 0.4 of the write price more would have kept it for an hour.
    records: (model) => cold(model).map((record, turn) => ({ ...record, at: start + turn * 10 * minuteMs })),
    expected: (model) => {
      const { write, read, input } = rates[model];
      return sentBefore * (write - read) - (sentBefore + 10_000 + 9 * 500) * (2 * input - write);
    },
  },
  {
    kind: 'oversized_model',
    subject: /would do$/,
    models: [claude],
    records: (model) => Array.from({ length: 30 }, (_, at) => recorded(model, { at: start + at * minuteMs, labels: { app: 'yes-no', user: `u${at}` }, buckets: { input: 200, output: 5 }, parts: { system: 100, user: 100 } })), // prettier-ignore
    expected: (model) => 30 * (200 * (rates[model].input - smaller.input) + 5 * (rates[model].output - smaller.output)),
  },
  {
    kind: 'repeated_call',
    subject: /^(claude|gpt)[\w.-]+$/,
    records: (model) => Array.from({ length: 5 }, (_, at) => recorded(model, { at: start + at * minuteMs, labels: { app: 'faq' }, buckets: { input: 1000, output: 200 }, bodies: { request: 'same' } })), // prettier-ignore
    expected: (model) => 4 * (1000 * rates[model].input + 200 * rates[model].output),
  },
  {
    kind: 'repeated_call',
    subject: /again by the same user/,
    records: (model) => Array.from({ length: 5 }, (_, at) => recorded(model, { at: start + at * minuteMs, labels: { app: 'faq', user: 'u' }, buckets: { input: 1000, output: 200 }, annotations: at === 0 ? {} : { signals: ['regenerated'] } })), // prettier-ignore
    expected: (model) => 4 * (1000 * rates[model].input + 200 * rates[model].output),
  },
  {
    kind: 'loop',
    subject: /^the same error again and again$/,
    records: (model) => traffic(model, { sessions: 1, app: 'agent' }).map((record, turn) => (turn < 6 ? record : { ...record, annotations: { signals: ['loop:error'] } })), // prettier-ignore
    expected: (model) => {
      const { input, output, read, write } = rates[model];
      const turns = [6, 7, 8, 9].map(
        (turn) => (6000 + (turn - 1) * 500) * read + 500 * (model === claude ? write : input) + (150 + ((turn * 37) % 80)) * output,
      );
      return turns.reduce((sum, usd) => sum + usd, 0); // prettier-ignore
    },
  },
  {
    kind: 'cut_output',
    subject: /./,
    models: [gpt],
    records: (model) => Array.from({ length: 4 }, (_, at) => recorded(model, { at: start + at * minuteMs, labels: { app: 'think' }, finishReason: 'length', buckets: { input: 700, output: 0, reasoning: 4000 } })), // prettier-ignore
    expected: (model) => 4 * (700 * rates[model].input + 4000 * rates[model].output),
  },
  {
    kind: 'idle_tools',
    subject: /^classify, /,
    records: (model) => Array.from({ length: 60 }, (_, at) => recorded(model, { at: start + at * minuteMs, labels: { app: 'mail', feature: 'classify', user: `u${at}` }, buckets: { input: 3000, output: 90 }, parts: { tools: 2000, user: 1000 } })), // prettier-ignore
    expected: (model) => 60 * 2000 * rates[model].input,
  },
  {
    kind: 'paid_retry',
    subject: /^slow provider_timeout$/,
    records: (model) =>
      Array.from({ length: 3 }, (_, at) => {
        const whole = recorded(model, {
          at: start + at * minuteMs,
          labels: { app: 'retry', user: 'u' },
          buckets: { input: 1000, output: 200 },
        });
        return { ...whole, attempts: [failed, whole.attempts[0]!], extraCost: { retries: 2_000_000 as NanoUsd, hedges: 0 as NanoUsd } };
      }),
    expected: () => 3 * 0.002,
  },
  {
    kind: 'batch_candidate',
    subject: /^tagging, /,
    records: (model) => Array.from({ length: 240 }, (_, at) => recorded(model, { at: start + at * 1000, stream: false, labels: { app: 'night', feature: 'tagging' }, buckets: { input: 900, output: 200 } })), // prettier-ignore
    expected: (model) => (240 * (900 * rates[model].input + 200 * rates[model].output)) / 2,
  },
  {
    kind: 'observed_saving',
    subject: /^exact-cache$/,
    records: (model) =>
      Array.from({ length: 12 }, (_, at) => {
        const cost = (at === 0 ? -1_000_000 : 3_000_000) as NanoUsd;
        const savings = [{ stage: 'exact-cache', mode: 'observe', inputTokens: 0, outputTokens: 0, cost, basis: 'measured' } as const];
        return recorded(model, { at: start + at * minuteMs, labels: { app: 'faq', user: `u${at}` }, buckets: { input: 1000, output: 200 }, annotations: { savings } }); // prettier-ignore
      }),
    expected: () => 11 * 0.003 - 0.001,
  },
  {
    kind: 'dear_tier',
    subject: /at priority$/,
    models: [gpt],
    records: (model) => Array.from({ length: 12 }, (_, at) => recorded(model, { at: start + at * minuteMs, labels: { app: 'fast', user: 'u' }, buckets: { input: 1000, output: 200 }, attempts: [{ served: { serviceTier: 'priority' } } as never] })), // prettier-ignore
    expected: (model) => 12 * (1000 * rates[model].input + 200 * rates[model].output) * (priorityFactor - 1),
  },
];
/** USD a token of the vendor's small model. */
const smaller = { input: 1e-6, output: 5e-6 };
/** OpenAI's price of priority processing for this model, as a multiple of the usual one. */
const priorityFactor = 2.5;

suite('each planted waste is found among clean traffic, with its money, and nothing else', () => {
  for (const { kind, subject, records, expected, models: only = models } of planted)
    for (const model of only)
      test(`${kind}, ${subject.source}, ${model}`, () => {
        const { findings } = found([...traffic(model), ...records(model)]);
        assert.deepEqual(findings.map((each) => each.kind), [kind]); // prettier-ignore
        const [finding] = findings as [(typeof findings)[number]];
        assert.match(finding.subject, subject);
        assert.ok(finding.evidence.length > 0 && finding.calls > 0);
        assert.equal(finding.saved, finding.terms.reduce((sum, { nano }) => sum + nano, 0)); // prettier-ignore
        const usd = expected(model);
        assert.ok(Math.abs(finding.saved / 1e9 - usd) <= usd * 0.001, `${finding.saved / 1e9} USD, planted: ${usd} USD`);
      });
});

test('calls of unknown cost are counted, and nothing is said about their money', () => {
  const unknown = { total: null, byBucket: {}, status: 'unpriced', flags: [] } as const;
  const { findings, unpriced } = found(cold(gpt, () => ({ cost: unknown })));
  assert.deepEqual([findings, unpriced], [[], 10]);
});

test('a saving whose losses outweigh is not advised', () => {
  const savings = [{ stage: 'exact-cache', mode: 'observe', inputTokens: 0, outputTokens: 0, cost: -5_000_000 as NanoUsd, basis: 'measured' } as const]; // prettier-ignore
  assert.deepEqual(found(traffic(gpt).map((record) => ({ ...record, annotations: { savings } }))).findings, []);
});
