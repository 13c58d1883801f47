import assert from 'node:assert/strict';
import type { CallRecord } from '../src/core/record.ts';
import { assertSameAsBill, type Stand } from './harness.ts';

export interface Billed<T> {
  readonly answer: T;
  /** Of results of batches. */
  readonly records: readonly CallRecord[];
  readonly others: readonly CallRecord[];
}

/** The records of results that came by `work`, held against what the emulator billed for it: by the API that it was asked by. */
export async function billed<T>(stand: Stand, results: number, others: number, work: () => Promise<T>): Promise<Billed<T>> {
  const before = (await stand.records(0)).length;
  const billedBefore = stand.emulator.bill().calls.length;
  const answer = await work();
  const records = (await stand.records(before + results + others)).slice(before);
  const own = records.filter(({ flags }) => flags.includes('batch_result'));
  assert.equal(own.length, results, 'one record a result');
  const bill = stand.emulator.bill();
  const calls = bill.calls.slice(billedBefore);
  const costNanoUsd = calls.reduce((sum, { costNanoUsd: cost }) => sum + cost!, 0n);
  const asUpstream = own
    .filter(({ outcome }) => outcome === 'ok')
    .map((record) => ({ ...record, api: record.attempts[0]?.upstreamApi ?? record.api }));
  assertSameAsBill(asUpstream, { ...bill, calls, totals: { ...bill.totals, costNanoUsd } });
  assert.ok(costNanoUsd > 0n);
  return { answer, records: own, others: records.filter(({ flags }) => !flags.includes('batch_result')) };
}
