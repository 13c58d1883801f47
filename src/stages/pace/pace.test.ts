import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Body } from '../../core/body.ts';
import { Call } from '../../core/call.ts';
import { GatewayError } from '../../core/errors.ts';
import { Reply } from '../../core/reply.ts';
import { testScope } from '../../core/testing.ts';
import { callCodecs } from '../../protocols/codecs.ts';
import { DeploymentPace } from './deployment-pace.ts';
import { pace } from './index.ts';

describe('the pace of a deployment', () => {
  test('is free until it answers 429, then half of what was under way, after a rest', () => {
    const lane = new DeploymentPace();
    for (let call = 0; call < 8; call += 1) lane.began();
    assert.equal(lane.waitMs(0), 0);
    lane.limited(3000, 0);
    lane.limited(3000, 1);
    assert.equal(lane.limit, 4, 'of calls sent together the first says it for all');
    assert.equal(lane.waitMs(1000), 2001);
    for (let call = 0; call < 4; call += 1) lane.ended();
    assert.equal(lane.waitMs(3001), undefined, 'four are still under way');
    lane.ended();
    assert.equal(lane.waitMs(3001), 0);
  });

  test('rises with good answers until it binds nobody', () => {
    const lane = new DeploymentPace();
    for (let call = 0; call < 4; call += 1) lane.began();
    lane.limited(undefined, 0);
    assert.equal(lane.limit, 2);
    lane.good();
    assert.equal(lane.limit, 2.5);
    for (let call = 0; call < 60; call += 1) lane.good();
    assert.equal(lane.limit, Infinity);
  });

  test('never falls below one call', () => {
    const lane = new DeploymentPace();
    lane.began();
    lane.limited(0, 0);
    lane.limited(0, 10);
    assert.equal(lane.limit, 1);
  });
});

function setUp(maxWaitMs: number, statuses: readonly number[]) {
  const clock = { nowMs: 0 };
  const left = [...statuses];
  const ends: (() => void)[] = [];
  const stage = pace({ deploymentOf: () => ({ id: 'p/m' }), maxQueued: 1, maxWaitMs, now: () => clock.nowMs });
  const servedBy = { kind: 'provider', name: 'p', hosting: 'api', model: 'm' } as const;
  const handler = stage.wrap(async () => {
    const head = { status: left.shift() ?? 200, headers: ['retry-after', '2'] };
    return new Reply(servedBy, head, { to: (sink) => void ends.push(() => sink.end()) });
  });
  const call = Call.received('id', { codec: callCodecs['openai.chat'], body: new Body([Buffer.from('{"model":"m"}')]) });
  const ask = async (): Promise<number> => {
    const reply = await handler(call, testScope());
    reply.bytes.to({ open: () => {}, write: () => {}, end: () => {} });
    return reply.head.status;
  };
  return { ask, clock, end: () => ends.shift()!() };
}

test('calls are not sent to a deployment that rests longer than they may wait', async () => {
  const { ask, clock, end } = setUp(1000, [429]);
  assert.equal(await ask(), 429);
  end();
  await assert.rejects(ask(), (error) => {
    assert.ok(error instanceof GatewayError);
    assert.deepEqual([error.code, error.headers], ['rate_limited', ['retry-after', '2']]);
    return true;
  });
  clock.nowMs = 2000;
  assert.equal(await ask(), 200);
});

test('above the pace a call waits until another has ended, and only so many do', async () => {
  const { ask, clock, end } = setUp(5000, [429, 400, 400]);
  await ask();
  end();
  clock.nowMs = 2000;
  await ask();
  const second = ask();
  await assert.rejects(ask(), /takes no more calls/);
  end();
  assert.equal(await second, 400);
});
