import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { openaiDialect } from '../../protocols/dialect.ts';
import { exclusive } from '../../protocols/exclusive.ts';
import { GatewayError } from '../../core/errors.ts';
import type { CallRecord } from '../../core/record.ts';
import { callSpans } from '../call-spans.ts';
import * as json from '../otlp/json.ts';
import { ProtobufWriter } from '../otlp/protobuf-writer.ts';
import * as protobuf from '../otlp/protobuf.ts';
import { callRecord } from '../testing.ts';
import { isWanted } from './aliases.ts';
import { GatewayCalls, type KnownCall } from './gateway-calls.ts';
import { createIngest, type IngestOptions } from './ingest.ts';
import { readProtobuf } from './read-protobuf.ts';

const source = { resource: [['service.name', 'shop']], scope: { name: 'x', version: '1' } } as const;

function bodies(records: readonly CallRecord[]): Readonly<Record<'application/x-protobuf' | 'application/json', Buffer>> {
  const spans = records.flatMap((record) => callSpans(record, 'both'));
  const writer = new ProtobufWriter();
  for (const span of spans) protobuf.writeSpan(writer, span);
  return {
    'application/x-protobuf': protobuf.traceRequest(source, [writer.take()]),
    'application/json': Buffer.from(json.traceRequest(source, spans.map(json.spanJson))),
  };
}

function ingest(more: Partial<IngestOptions> = {}) {
  const recorded: CallRecord[] = [];
  const asked: (readonly [number, number])[] = [];
  const calls = more.calls ?? new GatewayCalls();
  const { traces, counts } = createIngest({
    limits: { maxSpans: 100, maxAttributes: 128 },
    isShared: false,
    lookUp: async (from, to) => {
      asked.push([from, to]);
      return [];
    },
    settled: async () => {},
    books: {
      split: (totals, flags) => exclusive(totals, openaiDialect, flags),
      price: () => ({ total: null, byBucket: {}, status: 'unpriced', flags: [] }),
    },
    record: (record) => recorded.push(record),
    ...more,
    calls,
  });
  const take = (contentType: string | undefined, body: Buffer) =>
    traces({ contentType, body, books: { labelled: (labels) => labels, key: 'key_1' } });
  return { take, counts, recorded, asked, calls };
}

const forms = ['application/x-protobuf', 'application/json'] as const;

describe('spans of another gateway', () => {
  for (const form of forms)
    test(`${form}: the same buckets, model, labels and times come out`, async () => {
      const { take, recorded } = ingest();
      const answer = await take(form, bodies([callRecord()])[form]);
      assert.equal(answer.contentType, form);
      assert.equal(answer.body.toString(), form === 'application/json' ? '{}' : '');
      assert.equal(recorded.length, 1);
      const [record] = recorded;
      assert.deepEqual(record!.buckets, callRecord().buckets);
      assert.deepEqual(
        [record!.model, record!.requestModel, record!.provider, record!.key],
        ['gpt-5-mini-2025-08-07', 'gpt-5-mini', 'openai', 'key_1'],
      );
      assert.deepEqual([record!.labels.app, record!.labels.user, record!.labels.session], ['shop', 'u1', 's1']);
      assert.deepEqual([record!.at, record!.durationMs], [1_790_000_000_010, 400]);
    });
});

describe('limits', () => {
  for (const form of forms)
    test(`${form}: spans beyond the limit are refused in part`, async () => {
      const { take, recorded, counts } = ingest({ limits: { maxSpans: 2, maxAttributes: 128 } });
      const answer = await take(form, bodies([callRecord(), callRecord({ id: '019ab0d5-7a00-7000-8abc-0123456789ac' })])[form]);
      assert.match(answer.body.toString(), /2 spans beyond telemetry.ingest.maxSpans \(2\)/);
      assert.deepEqual([recorded.length, counts()], [1, { received: 2, recorded: 1, duplicate: 0, refused: 2 }]);
    });

  test('attributes beyond the limit are not read', () => {
    const { 'application/x-protobuf': body } = bodies([callRecord()]);
    const [, attempt] = [...readProtobuf(body, { maxSpans: 10, maxAttributes: 3 }, isWanted)];
    assert.equal(attempt!.attributes.size, 3);
  });

  test('spans without valid ids are refused in part', async () => {
    const { take, recorded } = ingest();
    const attributes = [{ key: 'gen_ai.operation.name', value: { stringValue: 'chat' } }];
    const spans = [{ traceId: '0'.repeat(32), spanId: '00f067aa0ba902b7', attributes }];
    const answer = await take('application/json', Buffer.from(JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] })));
    assert.deepEqual(JSON.parse(answer.body.toString()), {
      partialSuccess: { rejectedSpans: '1', errorMessage: '1 spans without valid ids' },
    });
    assert.equal(recorded.length, 0);
  });

  test('what is no OTLP is refused as a whole', async () => {
    const { take } = ingest();
    const bad: readonly (readonly [string | undefined, string])[] = [
      ['application/json', '{'],
      ['application/x-protobuf', '\n\u007f'],
      ['text/plain', ''],
      [undefined, ''],
    ];
    for (const [type, body] of bad)
      await assert.rejects(take(type, Buffer.from(body)), (error) => error instanceof GatewayError && error.code === 'invalid_request');
  });

  test('any bytes are either read or refused', async () => {
    const { take } = ingest();
    const whole = bodies([callRecord()])['application/x-protobuf'];
    const changed = fc.tuple(fc.nat(whole.length - 1), fc.nat(255), fc.nat(whole.length));
    await fc.assert(
      fc.asyncProperty(changed, async ([at, byte, length]) => {
        const body = Buffer.from(whole.subarray(0, length));
        if (at < length) body[at] = byte;
        await take('application/x-protobuf', body).catch((error: unknown) => assert.ok(error instanceof GatewayError));
      }),
      { numRuns: 300 },
    );
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (value) => {
        await take('application/json', Buffer.from(JSON.stringify({ resourceSpans: value }))).catch((error: unknown) =>
          assert.ok(error instanceof GatewayError),
        );
      }),
      { numRuns: 100 },
    );
  });
});

describe('calls of before the memory begins', () => {
  const known: KnownCall = callRecord();

  test('are asked of the ledger, once', async () => {
    const asked: number[] = [];
    const { take, recorded } = ingest({ lookUp: async (from) => (asked.push(from), [known]) });
    const { 'application/json': body } = bodies([callRecord()]);
    await take('application/json', body);
    await take('application/json', body);
    assert.deepEqual([asked, recorded], [[1_790_000_000_000 - 60_000], []]);
  });

  test('are asked each time where other processes serve too', async () => {
    const { take, asked } = ingest({ isShared: true });
    const { 'application/json': body } = bodies([callRecord()]);
    await take('application/json', body);
    await take('application/json', body);
    assert.equal(asked.length, 2);
  });

  test('when the ledger does not answer nothing is recorded', async () => {
    const { take, recorded } = ingest({ lookUp: () => Promise.reject(new GatewayError('overloaded', 'busy')) });
    await assert.rejects(take('application/json', bodies([callRecord()])['application/json']), /busy/);
    assert.equal(recorded.length, 0);
  });
});
