import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { CallRecord } from '../src/core/record.ts';
import type { FaultName } from '../src/emulator/faults.ts';
import { tail } from '../src/ledger/calls.ts';
import { countTokens } from '../src/text/tokenizer.ts';
import { scripted, unasked, ways, words, type Way } from './calls.ts';
import { assertBilled, filled, inputOf, outputOf, startStand, until, type Stand, type StandOptions } from './harness.ts';

const outputTokens = 400;
/** A slow reply: some hundred chunks, one each few milliseconds. */
const slowly: StandOptions = { emulator: { pacing: { chunkTokens: 2, betweenChunksMs: 4, firstByteMs: 0 } } };
const headers = { ...scripted(words(outputTokens)), 'anthropic-version': '2023-06-01', 'content-type': 'application/json' };
/** Tests that mostly wait, each with a gateway and an emulator of its own. */
const together = { concurrency: 4 };
const nameOf = (way: Way): string => (way === unasked ? `${way.api}, usage not asked for` : way.api);

interface Left {
  readonly received: string;
}

/** Begins a streamed call and leaves when `enough` of the reply is there. */
async function leave(url: string, way: Way, enough: (received: string) => boolean): Promise<Left> {
  const leaving = new AbortController();
  const response = await fetch(`${url}${way.path(true)}`, {
    method: 'POST',
    headers,
    body: JSON.stringify(way.body(true)),
    signal: leaving.signal,
  });
  let received = '';
  await assert.rejects(async () => {
    for await (const chunk of response.body!) {
      received += Buffer.from(chunk).toString();
      if (enough(received)) leaving.abort();
    }
  });
  assert.equal(way.closing.test(received), false, 'the reply was not whole');
  return { received };
}

const someText = (way: Way) => (received: string) => way.text(received).length > 100;

suite('a client that leaves in mid-stream, policy cancel', together, () => {
  for (const way of [...ways, unasked])
    test(`${nameOf(way)}: the provider is stopped, what it told is kept, the rest estimated`, async (t) => {
      const stand = await startStand(t, slowly);
      const { received } = await leave(stand.url, way, someText(way));
      const [record] = await stand.records(1);
      await until(() => stand.emulator.bill().calls.length === 1, 'the provider to notice');
      const bill = stand.emulator.bill().calls[0]!;
      assert.equal(bill.complete, false, 'the provider saw the break');
      assert.ok(outputOf(bill.buckets) < outputTokens);
      assert.deepEqual([record!.outcome, record!.errorCode], ['aborted', 'aborted']);
      assertEstimated(record!, bill.buckets, countTokens(way.text(received)));
      const told = way.api === 'anthropic.messages' || way.api === 'google.generate_content';
      assert.equal(record!.usageSource, told ? 'partial' : 'estimated');
      if (told) assert.equal(inputOf(record!.buckets), inputOf(bill.buckets), 'the stream told its input');
    });
});

/** Input no larger than billed, output between what the client saw and what was billed, a price, and the marks of an estimate. */
function assertEstimated(record: CallRecord, billed: CallRecord['buckets'], seenTokens: number): void {
  assert.ok(inputOf(record.buckets) > 0 && inputOf(record.buckets) <= inputOf(billed));
  assert.ok(outputOf(record.buckets) >= seenTokens * 0.9, `${outputOf(record.buckets)} of ${seenTokens} seen`);
  assert.ok(outputOf(record.buckets) <= outputOf(billed) * 1.1 + 4, `${outputOf(record.buckets)} of ${outputOf(billed)} billed`);
  assert.ok(record.flags.includes('lower_bound'));
  assert.equal(new Set(record.flags).size, record.flags.length, 'no mark twice');
  assert.ok(record.cost.total! > 0);
}

suite('a client that leaves in mid-stream, policy drain', together, () => {
  const draining: StandOptions = { ...slowly, config: { apps: { batch: { onClientAbort: 'drain' } } } };
  const batch = ({ url }: Stand): string => `${url}/c/batch`;

  for (const way of [...ways, unasked])
    test(`${nameOf(way)}: the reply is read to its usage, and equals the bill`, async (t) => {
      const stand = await startStand(t, draining);
      await leave(batch(stand), way, someText(way));
      const [record] = await stand.records(1);
      const [bill] = stand.emulator.bill().calls;
      assert.equal(bill!.complete, true);
      assert.deepEqual([filled(record!.buckets), record!.cost.total], [filled(bill!.buckets), Number(bill!.costNanoUsd)]);
      assert.deepEqual([record!.usageSource, record!.labels.app], ['provider', 'batch']);
    });

  for (const [limit, config] of [
    ['bytes', { maxBytes: 2000 }],
    ['time', { maxMs: 60 }],
    ['number', { maxConcurrent: 0 }],
  ] as const)
    test(`within bounds of ${limit}: beyond, the call is cancelled`, async (t) => {
      const stand = await startStand(t, { ...draining, config: { ...draining.config, drain: config } });
      await leave(batch(stand), ways[0]!, someText(ways[0]!));
      const [record] = await stand.records(1);
      await until(() => stand.emulator.bill().calls.length === 1, 'the provider to notice');
      assert.equal(stand.emulator.bill().calls[0]!.complete, false);
      assert.deepEqual([record!.outcome, record!.usageSource], ['aborted', 'estimated']);
    });

  test('a gateway that closes reads on within its grace; beyond, it cuts, and says that it was not the provider', async (t) => {
    for (const [shutdownGraceMs, outcome, source] of [
      [10_000, 'ok', 'provider'],
      [50, 'aborted', 'estimated'],
    ] as const) {
      const stand = await startStand(t, { ...draining, config: { ...draining.config, server: { limits: { shutdownGraceMs } } } });
      await leave(batch(stand), ways[0]!, someText(ways[0]!));
      await stand.close();
      const [stored] = tail(stand.dataDir, { limit: 10 });
      assert.deepEqual([stored?.record.outcome, stored?.record.usageSource], [outcome, source]);
    }
  });

  test('as many at one time as maxConcurrent says; the next one is cancelled', async (t) => {
    const stand = await startStand(t, { ...draining, config: { ...draining.config, drain: { maxConcurrent: 2 } } });
    await Promise.all([1, 2, 3].map(() => leave(batch(stand), ways[0]!, someText(ways[0]!))));
    const records = await stand.records(3);
    const sources = records.map(({ usageSource }) => usageSource).sort((a, b) => String(a).localeCompare(String(b)));
    assert.deepEqual(sources, ['estimated', 'provider', 'provider']);
  });
});

suite('a client that leaves before the head of the reply', together, () => {
  const late: StandOptions = {
    emulator: { pacing: { firstByteMs: 300, betweenChunksMs: 0, chunkTokens: 8 } },
    config: { apps: { batch: { onClientAbort: 'drain' } } },
  };
  const leaveEarly = async (stand: Stand, url: string): Promise<void> => {
    const leaving = new AbortController();
    const body = JSON.stringify(ways[0]!.body(true));
    const asked = fetch(`${url}${ways[0]!.path(true)}`, { method: 'POST', headers, body, signal: leaving.signal });
    await until(() => stand.seen.length === 1, 'the provider to be asked');
    leaving.abort();
    await assert.rejects(asked, { name: 'AbortError' });
  };

  test('cancel: the provider is stopped; its input is booked as an estimate, for it may have been billed', async (t) => {
    const stand = await startStand(t, late);
    await leaveEarly(stand, stand.url);
    const [record] = await stand.records(1);
    assert.deepEqual([record!.outcome, record!.usageSource, record!.status], ['aborted', 'estimated', 499]);
    assert.ok(record!.buckets.input! > 0 && record!.flags.includes('output_unknown'));
    assert.equal(stand.emulator.bill().calls.length, 0);
  });

  test('drain: the reply is read all the same', async (t) => {
    const stand = await startStand(t, late);
    await leaveEarly(stand, `${stand.url}/c/batch`);
    const [record] = await stand.records(1);
    const [bill] = stand.emulator.bill().calls;
    assert.deepEqual([filled(record!.buckets), record!.cost.total], [filled(bill!.buckets), Number(bill!.costNanoUsd)]);
  });
});

interface Answered {
  readonly status: number;
  readonly received: string;
  readonly broken: boolean;
  readonly record: CallRecord;
}

/** One call with a fault of the provider's, read to its end or break. */
async function faulty(stand: Stand, way: Way, stream: boolean, fault: FaultName): Promise<Answered> {
  const known = (await stand.records(0)).length;
  const body = JSON.stringify(way.body(stream));
  const response = await fetch(`${stand.url}${way.path(stream)}`, {
    method: 'POST',
    headers: { ...headers, 'x-emulator-fault': fault },
    body,
  });
  let received = '';
  let broken = false;
  try {
    for await (const chunk of response.body!) received += Buffer.from(chunk).toString();
  } catch {
    broken = true;
  }
  const records = await stand.records(known + 1);
  assert.equal(records.length, known + 1, 'recorded once');
  return { status: response.status, received, broken, record: records.at(-1)! };
}

const lastBill = (stand: Stand) => stand.emulator.bill().calls.at(-1)!;
const impatient: StandOptions = { emulator: { stallMs: 20_000 }, timeouts: { firstByteMs: 400, idleMs: 400 } };

suite('a provider that breaks off', together, () => {
  for (const [fault, code] of [
    ['reset-mid-stream', 'provider_error'],
    ['stall-mid-stream', 'provider_timeout'],
  ] as const)
    for (const way of [...ways, unasked])
      test(`${fault}, ${nameOf(way)}: the client is told by an event and a broken stream, never by a clean end`, async (t) => {
        const stand = await startStand(t, impatient);
        const { status, received, broken, record } = await faulty(stand, way, true, fault);
        assert.deepEqual([status, broken, way.closing.test(received)], [200, true, false]);
        assert.match(received, /\n\n(event: error\n)?data: \{[^\n]*"error"[^\n]*\}\n\n$/);
        assert.deepEqual([record.outcome, record.errorCode], ['truncated', code]);
        await until(() => stand.emulator.bill().calls.length === 1, 'the bill');
        assertEstimated(record, lastBill(stand).buckets, countTokens(way.text(received)));
      });

  for (const way of ways)
    test(`a whole reply cut in the middle, ${nameOf(way)}: a broken connection, and an estimate`, async (t) => {
      const stand = await startStand(t, impatient);
      for (const fault of ['reset-mid-stream', 'truncated-body', 'stall-mid-stream'] as const) {
        const { broken, record } = await faulty(stand, way, false, fault);
        assert.deepEqual([broken, record.outcome, record.usageSource], [true, 'truncated', 'estimated'], fault);
        assert.ok(record.cost.total! > 0 && record.buckets.output! > 0);
      }
    });

  for (const way of ways)
    test(`a stream that stops without its last word, ${nameOf(way)}: the bytes pass, the record says truncated`, async (t) => {
      const stand = await startStand(t);
      const { broken, record } = await faulty(stand, way, true, 'truncated-body');
      assert.deepEqual([broken, record.outcome], [false, 'truncated']);
    });

  test('nothing at all within firstByteMs: 504 in the shape of the family, input booked as an estimate', async (t) => {
    const stand = await startStand(t, impatient);
    for (const way of ways) {
      const { status, received, record } = await faulty(stand, way, true, 'stall-first-byte');
      assert.equal(status, 504);
      assert.match(received, way.api === 'anthropic.messages' ? /"timeout_error"/ : /provider_timeout|DEADLINE_EXCEEDED/);
      assert.deepEqual([record.outcome, record.errorCode, record.usageSource], ['failed', 'provider_timeout', 'estimated']);
    }
  });

  test('a reset before the head: 502, and nothing is booked', async (t) => {
    const stand = await startStand(t);
    for (const way of ways) {
      const { status, record } = await faulty(stand, way, true, 'reset-before-headers');
      assert.deepEqual([status, record.outcome, record.errorCode, record.cost.total], [502, 'failed', 'provider_error', 0]);
    }
  });
});

suite('a provider that sends nonsense', together, () => {
  for (const way of [...ways, unasked])
    test(`a malformed event in mid-stream, ${nameOf(way)}: the rest is metered exactly`, async (t) => {
      const stand = await startStand(t);
      const { received, record } = await faulty(stand, way, true, 'malformed-chunk');
      assert.match(received, way.closing);
      assert.match(received, /data: \{"broken": \[1,\n\n/, 'every byte passes');
      assertBilled(record, lastBill(stand));
    });

  for (const stream of [true, false])
    test(`bytes that are nothing at all, ${stream ? 'streamed' : 'whole'}: they pass, and the call is estimated and marked`, async (t) => {
      const stand = await startStand(t);
      for (const way of ways) {
        const { status, received, record } = await faulty(stand, way, stream, 'garbage-body');
        assert.equal(status, 200);
        assert.match(received, /no reply at all/);
        assert.equal(record.usageSource, 'estimated');
        assert.ok(record.flags.includes('usage_missing'));
      }
    });

  for (const stream of [true, false])
    test(`no usage, ${stream ? 'streamed' : 'whole'}: both sides are estimated and marked`, async (t) => {
      const stand = await startStand(t);
      for (const way of ways) {
        const { record } = await faulty(stand, way, stream, 'missing-usage');
        assert.deepEqual([record.outcome, record.usageSource], ['ok', 'estimated'], way.api);
        assert.deepEqual(
          ['usage_missing', 'input_estimated', 'output_estimated'].filter((flag) => !record.flags.includes(flag)),
          [],
        );
        assertEstimated(record, lastBill(stand).buckets, outputTokens);
      }
      assert.equal(stand.report(['model']).totals.estimatedCalls, ways.length);
    });

  for (const way of [...ways, unasked])
    test(`the vendor's error in mid-stream, ${nameOf(way)}: it passes as it is, the call has failed and is billed as far as told`, async (t) => {
      const stand = await startStand(t);
      const { broken, received, record } = await faulty(stand, way, true, 'error-event');
      assert.deepEqual([broken, way.closing.test(received)], [false, false]);
      assert.match(received, /\[emulator\] scripted fault error-event/);
      assert.deepEqual([record.outcome, record.errorCode], ['failed', 'provider_error']);
      assertEstimated(record, lastBill(stand).buckets, countTokens(way.text(received)));
    });
});
