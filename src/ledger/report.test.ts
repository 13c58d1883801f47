import fc from 'fast-check';
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { test } from 'node:test';
import { promptParts, type CallRecord } from '../core/record.ts';
import type { Bucket } from '../core/usage.ts';
import { anyCall, call, cost, record, temporaryDir } from './fixtures.ts';
import { usd } from './money.ts';
import { report, type Report } from './report.ts';
import { tokenClasses } from './row.ts';

/** The same report, by the simplest means: a fold over the records. */
function folded(calls: readonly CallRecord[], keyOf: (record: CallRecord) => string | null) {
  const groups = new Map<string | null, CallRecord[]>();
  for (const one of calls) groups.set(keyOf(one), [...(groups.get(keyOf(one)) ?? []), one]);
  return [...groups].map(([key, members]) => ({ key, ...figures(members) }));
}

function figures(calls: readonly CallRecord[]) {
  const tokens = (names: readonly Bucket[]) =>
    calls.reduce((sum, { buckets }) => sum + names.reduce((own, name) => own + (buckets[name] ?? 0), 0), 0);
  const known = calls.filter(({ cost }) => cost.total !== null);
  const money = (names: readonly Bucket[]) =>
    known.length === 0
      ? null
      : usd(known.reduce((sum, { cost }) => sum + names.reduce((own, name) => own + BigInt(cost.byBucket[name] ?? 0), 0n), 0n));
  const times = calls.map(({ durationMs }) => Math.round(durationMs * 1000)).sort((a, b) => a - b);
  const middle = (times[Math.floor((times.length - 1) / 2)]! + times[Math.floor(times.length / 2)]!) / 2;
  return {
    calls: calls.length,
    failed: calls.filter(({ outcome }) => outcome !== 'ok').length,
    inputTokens: tokens(tokenClasses.input),
    cacheReadTokens: tokens(tokenClasses.cacheRead),
    cacheWriteTokens: tokens(tokenClasses.cacheWrite),
    outputTokens: tokens(tokenClasses.output),
    reasoningTokens: tokens(tokenClasses.reasoning),
    costUsd: known.length === 0 ? null : usd(known.reduce((sum, { cost }) => sum + BigInt(cost.total!), 0n)),
    inputCostUsd: money(tokenClasses.input),
    cacheReadCostUsd: money(tokenClasses.cacheRead),
    cacheWriteCostUsd: money(tokenClasses.cacheWrite),
    outputCostUsd: money(tokenClasses.output),
    reasoningCostUsd: money(tokenClasses.reasoning),
    unpricedCalls: calls.length - known.length,
    estimatedCalls: calls.filter(({ usageSource }) => usageSource === 'estimated' || usageSource === 'partial').length,
    incompleteCalls: calls.filter(({ buckets }) => Object.values(buckets).includes(null)).length,
    attempts: calls.reduce((sum, { attempts }) => sum + attempts.length, 0),
    medianLatencyMs: calls.length === 0 ? null : middle / 1000,
    p95LatencyMs: calls.length === 0 ? null : times[Math.ceil(times.length * 0.95) - 1]! / 1000,
  };
}

const byKey = <T extends { readonly key: string | null }>(rows: readonly T[]): T[] =>
  [...rows].sort((left, right) => (String(left.key) < String(right.key) ? -1 : 1));
const rowsOf = ({ rows }: Report) => byKey(rows.map(({ keys: _keys, ...row }) => row));

const keyOf: Readonly<Record<string, (record: CallRecord) => string | null>> = {
  model: ({ model }) => model,
  provider: ({ provider }) => provider,
  app: ({ labels }) => labels.app ?? null,
  user: ({ labels }) => labels.user ?? null,
  key: ({ key }) => key ?? null,
  day: ({ at }) => new Date(at).toISOString().slice(0, 10),
  hour: ({ at }) => `${new Date(at).toISOString().slice(0, 13)}:00Z`,
  outcome: ({ outcome }) => outcome,
  'tag:env': ({ labels }) => labels.tags?.['env'] ?? null,
};

test('a report is the fold over the records, by every key', (context) => {
  const dir = temporaryDir(context);
  fc.assert(
    fc.property(fc.array(anyCall, { maxLength: 40 }), fc.constantFrom(...Object.keys(keyOf)), (calls, by) => {
      rmSync(dir, { recursive: true, force: true });
      record(dir, calls);
      const counted = calls.filter(({ operation }) => operation !== 'count_tokens');
      const made = report(dir, { by: [by] });
      assert.deepEqual(rowsOf(made), byKey(folded(counted, keyOf[by]!)));
      assert.deepEqual(made.totals, figures(counted));
      assert.equal(made.countTokensCalls, calls.length - counted.length);
    }),
    { numRuns: 60 },
  );
});

test('a range of time takes its beginning and leaves its end', (context) => {
  const dir = temporaryDir(context);
  fc.assert(
    fc.property(fc.array(anyCall, { minLength: 1, maxLength: 30 }), fc.nat(29), fc.nat(29), (calls, first, second) => {
      rmSync(dir, { recursive: true, force: true });
      calls.forEach((one, index) => record(dir, [one], index + 1));
      const [since, until] = [calls[first % calls.length]!.at, calls[second % calls.length]!.at].sort((a, b) => a - b) as [number, number];
      const inside = calls.filter(({ at, operation }) => at >= since && at < until && operation !== 'count_tokens');
      assert.equal(report(dir, { by: [], since, until }).totals.calls, inside.length);
    }),
    { numRuns: 20 },
  );
});

test('parts share the input of a call, and sum to it', (context) => {
  const dir = temporaryDir(context);
  fc.assert(
    fc.property(fc.array(anyCall, { maxLength: 20 }), (calls) => {
      rmSync(dir, { recursive: true, force: true });
      record(dir, calls);
      const { rows, totals } = report(dir, { by: ['part'], filters: { operation: 'chat' } });
      const chats = calls.filter(({ operation }) => operation === 'chat');
      for (const part of promptParts) {
        const having = chats.filter(({ parts }) => (parts?.[part] ?? 0) > 0);
        const row = rows.find(({ key }) => key === part);
        assert.equal(row?.calls ?? 0, having.length);
        assert.equal(row?.partTokens ?? 0, having.reduce((sum, { parts }) => sum + parts![part]!, 0)); // prettier-ignore
      }
      for (const field of ['inputTokens', 'cacheReadTokens', 'cacheWriteTokens'] as const)
        assert.equal(
          rows.reduce((sum, row) => sum + row[field], 0),
          totals[field],
        );
      const share = rows.reduce((sum, row) => sum + nanoOf(row.costUsd), 0n);
      assert.equal(share, nanoOf(totals.inputCostUsd) + nanoOf(totals.cacheReadCostUsd) + nanoOf(totals.cacheWriteCostUsd));
    }),
    { numRuns: 30 },
  );
});

function nanoOf(text: string | null): bigint {
  const [whole = '0', fraction = ''] = (text ?? '0').split('.');
  return BigInt(whole + fraction.padEnd(9, '0'));
}

test('rows come by cost, then by calls; an unknown cost is null and comes last', (context) => {
  const dir = temporaryDir(context);
  const of = (app: string, total: number | null) => call({ labels: { app }, cost: cost(total) });
  record(dir, [
    of('none', null),
    of('none', null),
    of('cheap', 1),
    of('dear', 2_000_000_001),
    of('free', 0),
    of('free2', 0),
    of('free2', 0),
  ]);
  const rows = report(dir, { by: ['app'] }).rows.map(({ key, costUsd, unpricedCalls }) => [key, costUsd, unpricedCalls]);
  assert.deepEqual(rows, [['dear', '2.000000001', 0], ['cheap', '0.000000001', 0], ['free2', '0', 0], ['free', '0', 0], ['none', null, 2]]); // prettier-ignore
});

test('sums beyond the whole numbers of a double stay exact', (context) => {
  const dir = temporaryDir(context);
  record(dir, [call({ cost: cost(Number.MAX_SAFE_INTEGER) }), call({ cost: cost(Number.MAX_SAFE_INTEGER) }), call({ cost: cost(1) })]);
  assert.equal(report(dir, { by: [] }).totals.costUsd, '18014398.509481983');
});

test('several keys make one row a combination', (context) => {
  const dir = temporaryDir(context);
  record(dir, [call({ labels: { app: 'a' } }), call({ labels: { app: 'a' }, model: 'x' }), call({ model: 'x', cost: cost(9) })]);
  const rows = report(dir, { by: ['app', 'model'] }).rows.map(({ key, keys }) => [key, keys]);
  assert.deepEqual(rows, [
    ['a / claude-sonnet-4-5', { app: 'a', model: 'claude-sonnet-4-5' }],
    ['a / x', { app: 'a', model: 'x' }],
    ['- / x', { app: null, model: 'x' }],
  ]);
});

const filterCases: readonly [Record<string, string>, number][] = [
  [{}, 3],
  [{ app: 'a' }, 1],
  [{ app: '' }, 2],
  [{ status: '502' }, 1],
  [{ 'tag:env': 'prod' }, 1],
  [{ 'tag:env': 'prod', outcome: 'failed' }, 0],
  [{ requestModel: 'sonnet', hour: '2026-11-25T12:00Z' }, 3],
];
for (const [filters, expected] of filterCases)
  test(`filter ${JSON.stringify(filters)} leaves ${expected} of three calls`, (context) => {
    const dir = temporaryDir(context);
    record(dir, [call({ labels: { app: 'a' } }), call({ labels: { tags: { env: 'prod' } } }), call({ outcome: 'failed', status: 502 })]);
    assert.equal(report(dir, { by: [], filters }).totals.calls, expected);
  });

test('an unknown key or filter names those there are', (context) => {
  const dir = temporaryDir(context);
  record(dir, []);
  assert.throws(() => report(dir, { by: ['colour'] }), /cannot report by "colour"; there are: model, provider, app/);
  assert.throws(() => report(dir, { by: [], filters: { part: 'x' } }), /cannot filter by "part"; there are: model/);
  assert.throws(() => report(dir, { by: [`tag:x'"`] }), RangeError);
  assert.throws(() => report(dir, { by: ['constructor'] }), RangeError);
});

test('an empty ledger has an empty report; a directory without one is an error', (context) => {
  const dir = temporaryDir(context);
  assert.throws(() => report(dir, { by: ['model'] }), /no ledger in/);
  record(dir, []);
  const made = report(dir, { by: ['model'] });
  assert.deepEqual([made.rows, made.from, made.totals.calls, made.totals.costUsd, made.totals.medianLatencyMs], [[], null, 0, null, null]);
});
