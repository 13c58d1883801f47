import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CallRecord } from '../core/record.ts';
import { savingsReport, maxReportApps, type ReportedCall } from './report.ts';
import { trafficOf } from './testing.ts';

const saving = { stage: 'prompt-cache', mode: 'on', inputTokens: 10, outputTokens: 0, cost: 1_500_000, basis: 'measured' } as const;
const call = (savings: readonly object[], app?: string): ReportedCall =>
  ({ at: 0, labels: { app }, outcome: 'ok', attempts: [{}], cost: { total: 1 }, annotations: { savings } }) as unknown as CallRecord;

test('claims are exact sums, what is lost taken off; observed ones and unknown ones apart', () => {
  const { rows, calls } = savingsReport(
    [
      call([saving, { ...saving, cost: -1_500_001, basis: 'estimated' }, { ...saving, cost: null }]),
      call([
        { ...saving, mode: 'observe', cost: 7 },
        { ...saving, stage: 'exact-cache', cost: 9_007_199_254_740_991, outputTokens: 5 },
      ]),
    ],
    { by: 'stage' },
  );
  assert.equal(calls, 2);
  const none = { entries: 0, usd: '0', unknown: 0, estimated: 0, inputTokens: 0, outputTokens: 0 };
  assert.deepEqual(
    rows.map(({ name, claimed, observed }) => ({ name, claimed, observed })),
    [
      { name: 'exact-cache', claimed: { ...none, entries: 1, usd: '9007199.254740991', inputTokens: 10, outputTokens: 5 }, observed: none },
      {
        name: 'prompt-cache',
        claimed: { ...none, entries: 3, usd: '-0.000000001', unknown: 1, estimated: 1, inputTokens: 30 },
        observed: { ...none, entries: 1, usd: '0.000000007', inputTokens: 10 },
      },
    ],
  );
});

test('effects stand beside claims, and the same calls give the same report', () => {
  const records = [...trafficOf({ seed: 3, sessions: 1500, holdout: 0.2, stageHoldout: 0.2, factors: { promptCache: 0.5, exactCache: 1 }, sigma: 0.8 })]; // prettier-ignore
  const labelled = records.map((record) => ({ ...record, labels: {} }));
  const told = savingsReport(labelled, { by: 'stage', since: 0 });
  assert.deepEqual(savingsReport(labelled, { by: 'stage', since: 0 }), told);
  assert.deepEqual(told.rows.map(({ name, effect }) => [name, effect.verdict]), [['exact-cache', 'unknown'], ['prompt-cache', 'saves']]); // prettier-ignore
  assert.equal(told.total.verdict, 'saves');
  assert.match(told.total.differenceUsd!.value, /^-0\.\d{1,9}$/);
  assert.deepEqual([told.since, told.until, told.sampled], ['1970-01-01T00:00:00.000Z', null, 1]);
});

test('by app each app has its own effect, up to a limit', () => {
  const apps = Array.from({ length: maxReportApps + 1 }, (_, at) => call([saving], `app-${String(at).padStart(3, '0')}`));
  const { rows } = savingsReport([...apps, call([saving], 'app-000')], { by: 'app' });
  assert.deepEqual(
    [rows.length, rows[0]?.name, rows[0]?.claimed.entries, rows[0]?.effect.verdict],
    [maxReportApps, 'app-000', 2, 'unknown'],
  );
});
