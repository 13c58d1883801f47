import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callCodecs } from '../protocols/codecs.ts';
import { Body } from './body.ts';
import { Call } from './call.ts';
import { pipeline } from './pipeline.ts';
import type { NanoUsd } from './usage.ts';
import { Reply } from './reply.ts';
import { shaping, type SavingMode, type Shaper } from './shaping.ts';
import { testScope } from './testing.ts';

const received = (): Call =>
  Call.received('c1', { codec: callCodecs['openai.chat'], body: new Body([Buffer.from('{"model":"m","messages":[],"top_k":1}')]) });
const saving = { inputTokens: 3, outputTokens: 0, cost: 5 as NanoUsd, basis: 'estimated' } as const;
const shorter: Shaper = {
  name: 'shorter',
  shape: (call) => ({ call: call.withJson({ top_k: undefined }), savings: [saving], signals: ['long'] }),
};

/** What arrives behind the stage, and what the record says. */
async function through(shaper: Shaper, mode: SavingMode, call = received()) {
  const scope = testScope();
  let sent: Call | undefined;
  const reply = new Reply({ kind: 'gateway', name: '', hosting: 'self-hosted', model: 'm' }, { status: 200, headers: [] }, { to() {} });
  await pipeline([shaping(shaper, () => mode)], async (arrived) => {
    sent = arrived;
    return reply;
  })(call, scope);
  return { sent, scope };
}

test('on: the call is changed, and the record says what it is worth', async () => {
  const { sent, scope } = await through(shorter, 'on');
  assert.equal(String(sent?.encode().body.whole), '{"model":"m","messages":[]}');
  assert.deepEqual(scope.annotations, { savings: [{ stage: 'shorter', mode: 'on', ...saving }], signals: ['long'] });
});

test('observe: the very same call goes on, and the record says what would have been', async () => {
  const call = received();
  const { sent, scope } = await through(shorter, 'observe', call);
  assert.equal(sent, call);
  assert.deepEqual(scope.annotations.savings, [{ stage: 'shorter', mode: 'observe', ...saving }]);
});

test('off, or nothing to do: the very same call goes on, and nothing is recorded', async () => {
  const call = received();
  for (const [shaper, mode] of [
    [shorter, 'off'],
    [{ name: 'idle', shape: () => undefined }, 'on'],
  ] as const) {
    const { sent, scope } = await through(shaper, mode, call);
    assert.equal(sent, call);
    assert.deepEqual(scope.annotations, {});
  }
});

test('a shaper that breaks is left out, once, and recorded', async () => {
  const call = received();
  const { sent, scope } = await through({ name: 'broken', shape: () => assert.fail('no') }, 'on', call);
  assert.equal(sent, call);
  assert.deepEqual(
    scope.recorded.map((event) => event.type === 'stage.skipped' && event.stage),
    ['broken'],
  );
});
