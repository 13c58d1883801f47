import assert from 'node:assert/strict';
import type { ApiId } from '../src/core/api.ts';
import type { CallRecord, Labels } from '../src/core/record.ts';
import { assertCleanUpstream, assertSameAsBill, type SeenRequest, type Stand } from './harness.ts';

export interface Expected {
  readonly api: ApiId;
  readonly calls?: number;
  readonly model: string;
  readonly stream?: boolean;
  /** These labels and no others but `client`. */
  readonly labels?: Labels;
  readonly client: RegExp;
}

export interface Metered<T> {
  readonly answer: T;
  readonly records: readonly CallRecord[];
  readonly seen: readonly SeenRequest[];
}

/**
 * Runs a client against the gateway, then holds the ledger against the emulator's bill: as many records, billed calls and
 * upstream requests as expected, equal bucket by bucket and to the nano-dollar, nothing estimated or unpriced.
 */
export async function metered<T>(stand: Stand, expected: Expected, work: () => Promise<T>): Promise<Metered<T>> {
  const { calls = 1, labels = {} } = expected;
  const before = (await stand.records(0)).length;
  const seenBefore = stand.seen.length;
  const billedBefore = stand.emulator.bill().calls.length;
  const answer = await work();
  const records = (await stand.records(before + calls)).slice(before);
  const seen = stand.seen.slice(seenBefore);
  assert.deepEqual([records.length, seen.length], [calls, calls], 'one record and one upstream request for each call');
  const whole = stand.emulator.bill();
  const entries = whole.calls.slice(billedBefore);
  const costNanoUsd = entries.reduce((sum, entry) => sum + entry.costNanoUsd!, 0n);
  assertSameAsBill(records, { ...whole, calls: entries, totals: { ...whole.totals, costNanoUsd } });
  assertCleanUpstream(seen);
  for (const record of records) assertFacts(record, expected, labels);
  assert.deepEqual(
    stand.log.filter(({ level }) => level === 'error' || level === 'warn'),
    [],
  );
  return { answer, records, seen };
}

function assertFacts(record: CallRecord, { api, model, stream = false, client: clientPattern }: Expected, labels: Labels): void {
  const { client, ...others } = record.labels;
  assert.deepEqual(
    {
      api: record.api,
      requestModel: record.requestModel,
      stream: record.stream,
      status: record.status,
      outcome: record.outcome,
      labels: others,
    },
    { api, requestModel: model, stream, status: 200, outcome: 'ok', labels },
  );
  assert.match(client ?? '', clientPattern);
  assert.ok(record.replyBytes > 0 && record.requestBytes > 0);
}

/** Texts and JSON the emulator's replies are made of. */
export const emulated = /^\[emulator\] [a-z ]+\.$/;
/** A tool any vendor's client can offer. */
export const weather = {
  name: 'get_weather',
  description: 'Tells the weather in a city.',
  parameters: {
    type: 'object' as const,
    properties: { city: { type: 'string' as const, enum: ['Paris', 'Rome'] } },
    required: ['city'],
    additionalProperties: false,
  },
};
export const clock = {
  name: 'get_time',
  description: 'Tells the time in a city.',
  parameters: {
    type: 'object' as const,
    properties: { city: { type: 'string' as const } },
    required: ['city'],
    additionalProperties: false,
  },
};
