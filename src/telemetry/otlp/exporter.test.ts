import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { callRecord } from '../testing.ts';
import { createExporter, type ExporterOptions } from './exporter.ts';

interface Received {
  readonly type: string;
  readonly spans: number;
}

/** A receiver that answers one after the other with the statuses given, then 200. */
function receiver(...statuses: readonly number[]) {
  const received: Received[] = [];
  const fetch: typeof globalThis.fetch = async (_url, init) => {
    const status = statuses[received.length] ?? 200;
    const type = new Headers(init?.headers).get('content-type')!;
    const body = typeof init?.body === 'string' ? init.body : '';
    received.push({ type, spans: body.split('"spanId"').length - 1 });
    return new Response('{}', { status, headers: { 'content-type': 'application/json', ...(status === 429 && { 'retry-after': '0' }) } });
  };
  return { received, fetch };
}

function options(fetch: typeof globalThis.fetch, more: Partial<ExporterOptions> = {}): ExporterOptions {
  const sending = { url: 'http://receiver/v1/traces', headers: {}, timeoutMs: 1000, maxAttempts: 3, backoffMs: 1, fetch };
  return {
    protocol: 'http/json',
    semconv: 'both',
    sampleRatio: 1,
    source: { resource: [], scope: { name: 'modicum', version: '0' } },
    traces: sending,
    metrics: undefined,
    maxQueued: 10,
    maxBatch: 4,
    flushMs: 60_000,
    closeMs: 2000,
    warn: () => {},
    ...more,
  };
}

const calls = (count: number) =>
  Array.from({ length: count }, (_, at) => callRecord({ id: `019ab0d5-7a00-7000-8abc-${String(at).padStart(12, '0')}` }));

describe('exporter', () => {
  test('sends full batches, and the rest when it closes', async () => {
    const { received, fetch } = receiver();
    const exporter = createExporter(options(fetch));
    for (const record of calls(6)) exporter.add(record);
    await exporter.close();
    assert.deepEqual(
      received.map(({ spans }) => spans),
      [8, 4],
    ); // two spans a call
    assert.deepEqual(exporter.counts(), { exported: 12, dropped: 0, rejected: 0, queued: 0 });
  });

  test('tries again where the receiver is busy, and not where it refuses', async () => {
    const busy = receiver(503, 429);
    const first = createExporter(options(busy.fetch));
    first.add(callRecord());
    await first.close();
    assert.deepEqual([busy.received.length, first.counts().exported], [3, 2]);
    const refusing = receiver(400, 400);
    const told: string[] = [];
    const second = createExporter(options(refusing.fetch, { warn: (message) => told.push(message) }));
    second.add(callRecord());
    await second.close();
    assert.deepEqual([refusing.received.length, second.counts().dropped], [1, 2]);
    assert.match(told[0]!, /answers 400/);
  });

  test('a receiver that does not answer fills the queue to its limit and no further; closing does not wait for it', async () => {
    const exporter = createExporter(options(() => new Promise<never>(() => {}), { closeMs: 50 }));
    for (const record of calls(20)) exporter.add(record);
    assert.deepEqual(exporter.counts(), { exported: 0, dropped: 12, rejected: 0, queued: 10 });
    await exporter.close();
    assert.equal(exporter.counts().dropped, 32);
  });

  test('what a receiver rejects in part is counted', async () => {
    const answer = async () =>
      new Response('{"partialSuccess":{"rejectedSpans":"1"}}', { headers: { 'content-type': 'application/json' } });
    const exporter = createExporter(options(answer));
    exporter.add(callRecord());
    await exporter.close();
    assert.deepEqual(exporter.counts(), { exported: 1, dropped: 0, rejected: 1, queued: 0 });
  });

  test('a short batch waits no longer than `flushMs`', async () => {
    const { received, fetch } = receiver();
    const exporter = createExporter(options(fetch, { flushMs: 5, protocol: 'http/protobuf' }));
    exporter.add(callRecord());
    while (received.length === 0) await sleep(5);
    assert.equal(received[0]!.type, 'application/x-protobuf');
    await exporter.close();
  });

  const choices = [
    { name: 'the share', trace: undefined, ratio: 0, sent: 0 },
    { name: 'the choice of the client, for it', trace: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', ratio: 0, sent: 1 },
    { name: 'the choice of the client, against it', trace: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00', ratio: 1, sent: 0 },
  ];
  for (const { name, trace, ratio, sent } of choices)
    test(`samples by ${name}`, async () => {
      const { received, fetch } = receiver();
      const exporter = createExporter(options(fetch, { sampleRatio: ratio }));
      exporter.add(callRecord(trace === undefined ? {} : { annotations: { trace } }));
      await exporter.close();
      assert.equal(received.length, sent);
    });

  test('a share of 0.25 is about a quarter', async () => {
    const { fetch } = receiver();
    const exporter = createExporter(options(fetch, { sampleRatio: 0.25, maxQueued: 4000, maxBatch: 4000 }));
    for (const record of calls(4000)) exporter.add(record);
    const { queued } = exporter.counts();
    assert.ok(queued > 850 && queued < 1150, String(queued));
    await exporter.close();
  });

  test('what came in by telemetry does not go out again', async () => {
    const { received, fetch } = receiver();
    const exporter = createExporter(options(fetch));
    exporter.add(callRecord({ flags: ['otlp'] }));
    await exporter.close();
    assert.equal(received.length, 0);
  });

  test('metrics go out when it closes', async () => {
    const { received, fetch } = receiver();
    const read = () => [{ kind: 'sum', name: 'x', unit: '1', description: '', points: [{ attributes: [], value: 1 }] }] as const;
    const metrics = { ...options(fetch).traces!, url: 'http://receiver/v1/metrics', everyMs: 60_000, read };
    await createExporter(options(fetch, { metrics })).close();
    assert.equal(received.length, 1);
  });
});
