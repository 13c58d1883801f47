import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Body } from '../../core/body.ts';
import { Call, type CallCodec } from '../../core/call.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Handler } from '../../core/pipeline.ts';
import type { CallRecord } from '../../core/record.ts';
import { Reply } from '../../core/reply.ts';
import { testScope } from '../../core/testing.ts';
import { account } from './index.ts';

const field = <T>(value: T) => ({ decode: () => value, encode: () => ({}) });
const codec: CallCodec = { api: 'openai.chat', fields: { model: field('m'), stream: field(false), streamUsage: field(true) } };
const call = Call.received('c1', { codec, body: new Body([Buffer.from('{}')]) });
const answer: Handler = async () =>
  new Reply({ kind: 'gateway', name: '', hosting: 'self-hosted', model: 'm' }, { status: 200, headers: [] }, { to: (sink) => sink.end() });

/** Runs one call through the stage; work put off is done at once. */
async function recordOf(scope: ReturnType<typeof testScope>, next: Handler): Promise<CallRecord> {
  const stage = account({ parts: () => ({}), later: (work) => void work() });
  const reply = await stage
    .wrap(next)(call, scope)
    .catch(() => undefined);
  reply?.bytes.to({ open() {}, write() {}, end() {} });
  return scope.recorded[0] as CallRecord;
}

test('a call about which no stage says anything has no annotations', async () => {
  assert.equal((await recordOf(testScope(), answer)).annotations, undefined);
});

test('what stages say at the end stands in the record, whether the call was answered or refused', async () => {
  const refuse: Handler = () => Promise.reject(new GatewayError('rate_limited', 'later'));
  for (const next of [answer, refuse]) {
    const scope = testScope();
    const heard: CallRecord[] = [];
    scope.atRecord.push((record) => {
      heard.push(record);
      scope.annotations.language = 'de';
    });
    const record = await recordOf(scope, next);
    assert.deepEqual([record.annotations, heard[0]?.id, heard.length], [{ language: 'de' }, record.id, 1]);
  }
});

test('a stage that breaks at the end is named in the record, and the others are still heard', async () => {
  const scope = testScope();
  scope.atRecord.push(() => {
    throw new Error('broken');
  });
  scope.atRecord.push(() => {
    scope.annotations.route = 'cheap';
  });
  assert.deepEqual((await recordOf(scope, answer)).annotations, { route: 'cheap', signals: ['stage_failed:Error: broken'] });
});
