import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import type { CallRecord } from '../core/record.ts';
import type { FinishReason } from '../core/reply.ts';
import { effortBudgets } from '../protocols/translate/effort.ts';
import { keptShare, minUseful, percentileOf, suggestLimits } from './suggest-limits.ts';

interface Answer {
  readonly output: number | null;
  readonly reasoning?: number;
  readonly finish?: FinishReason;
  readonly app?: string;
  readonly outcome?: CallRecord['outcome'];
  readonly source?: 'provider' | 'estimated';
}

/** One nano-dollar for each token of output. */
function recordOf({ output, reasoning = 0, finish = 'stop', app = 'a', outcome = 'ok', source = 'provider' }: Answer): CallRecord {
  const buckets = { input: 10, output, ...(reasoning > 0 && { reasoning }) };
  const cost = { total: output, byBucket: { output, reasoning }, status: 'exact', flags: [] };
  const attempt = { finishReason: finish, usage: { buckets, source, flags: [] }, cost };
  return { type: 'call', operation: 'chat', labels: { app }, model: 'm', outcome, attempts: [attempt] } as unknown as CallRecord;
}

const answers = (count: number, answer: Answer): readonly CallRecord[] => Array.from({ length: count }, () => recordOf(answer));
const suggested = (records: readonly CallRecord[]) => suggestLimits(records, effortBudgets)[0]!;

suite('suggested limits', () => {
  test('the length that 99.5 % of the useful answers do not pass, rounded up, with the arithmetic', () => {
    const { maxOutputTokens, useful, calls, cut } = suggested([
      ...answers(398, { output: 100 }),
      ...answers(1, { output: 300 }),
      ...answers(1, { output: 1000 }),
      ...answers(3, { output: 4000, finish: 'length' }),
    ]);
    assert.deepEqual([calls, useful, cut], [403, 400, 3]);
    assert.deepEqual(maxOutputTokens, {
      limit: 112,
      percentileTokens: 100,
      wouldCut: 2,
      sparedTokens: 300 - 112 + (1000 - 112) + 3 * (4000 - 112),
      outputNanoUsd: 53_100,
      sparedNanoUsd: 300 - 112 + (1000 - 112) + 3 * (4000 - 112),
    });
  });

  test('too few useful answers say nothing', () => {
    assert.equal(suggested(answers(minUseful - 1, { output: 5 })).maxOutputTokens, null);
    assert.equal(suggested(answers(minUseful, { output: 5 })).maxOutputTokens?.limit, 16);
  });

  const useless: readonly (readonly [string, Answer])[] = [
    ['was cut', { output: 5000, finish: 'length' }],
    ['was refused', { output: 5000, finish: 'content_filter' }],
    ['failed', { output: 5000, outcome: 'failed' }],
    ['is of unknown length', { output: null }],
    ['is estimated', { output: 5000, source: 'estimated' }],
  ];
  for (const [what, answer] of useless)
    test(`an answer that ${what} is not useful`, () => {
      const { useful, maxOutputTokens } = suggested([...answers(minUseful, { output: 100 }), ...answers(50, answer)]);
      assert.deepEqual([useful, maxOutputTokens!.percentileTokens], [minUseful, 100]);
    });

  test('apps are told apart, those with the most calls first', () => {
    const all = suggestLimits([...answers(2, { output: 1, app: 'small' }), ...answers(3, { output: 1, app: 'big' })], effortBudgets);
    assert.deepEqual(
      all.map(({ app, calls }) => [app, calls]),
      [
        ['big', 3],
        ['small', 2],
      ],
    );
  });

  const classes: readonly (readonly [Answer, string])[] = [
    [{ output: 200 }, 'short'],
    [{ output: 201 }, 'medium'],
    [{ output: 800 }, 'long'],
    [{ output: 10, finish: 'tool_calls' }, 'tools'],
  ];
  for (const [answer, taskClass] of classes)
    test(`${JSON.stringify(answer)} is ${taskClass}`, () => assert.equal(suggested(answers(1, answer)).taskClass, taskClass));

  const efforts: readonly (readonly [string, Answer, string | undefined])[] = [
    ['no thought', { output: 500 }, undefined],
    ['thought that low holds', { output: 500, reasoning: 1024 }, 'low'],
    ['one token more', { output: 500, reasoning: 1025 }, 'medium'],
    ['a short answer after much thought', { output: 100, reasoning: 1025 }, 'low'],
    ['more than any effort', { output: 500, reasoning: 99_999 }, 'max'],
  ];
  for (const [what, answer, effort] of efforts)
    test(`effort by ${what}: ${effort}`, () => assert.equal(suggested(answers(minUseful, answer)).effort?.effort, effort));

  test('a percentile lets through at least its share', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 500 }), (lengths) => {
        const histogram = new Map<number, number>();
        for (const length of lengths) histogram.set(length, (histogram.get(length) ?? 0) + 1);
        const limit = percentileOf(histogram, keptShare);
        assert.ok(lengths.filter((length) => length <= limit).length >= keptShare * lengths.length);
        assert.ok(lengths.filter((length) => length < limit).length < keptShare * lengths.length);
      }),
    );
  });
});
