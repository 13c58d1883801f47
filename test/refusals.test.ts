import assert from 'node:assert/strict';
import { test } from 'node:test';
import { maxRefusalsPerSecond, Refusals } from '../src/server/refusals.ts';
import type { LedgerEvent } from '../src/core/record.ts';
import { GatewayError } from '../src/core/errors.ts';
import { startStand } from './harness.ts';
import { adminToken, ask, asAdmin, makeKey } from './keyed.ts';

const path = '/v1/chat/completions';
const chat = { model: 'gpt-5-mini', messages: [{ role: 'user', content: 'Hello' }] };

test('calls of known keys that are refused at the door are recorded at no cost, those of nobody are not', async (t) => {
  const stand = await startStand(t, { config: { server: { adminToken, limits: { maxBodyBytes: 1024 } } } });
  const { key, secret } = await makeKey(stand.url, { name: 'k', labels: { team: 'care' } });
  const call = (authorization: string, more: object = {}, body: unknown = chat) =>
    ask(stand.url, { method: 'POST', path: `/c/desk${path}`, headers: { authorization, ...more }, body });
  assert.equal((await call('Bearer mod-unknown')).status, 401);
  assert.equal((await ask(stand.url, { method: 'POST', path: '/c/desk/v1/no/such', headers: { authorization: `Bearer ${secret}` } })).status, 404);
  assert.equal((await call(`Bearer ${secret}`, {}, { ...chat, pad: 'x'.repeat(1024) })).status, 413);
  assert.equal((await call(`Bearer ${secret}`, { 'content-encoding': 'rot13' })).status, 415);
  await asAdmin(stand.url, 'POST', `/api/keys/${key.id}/revoke`);
  assert.equal((await call(`Bearer ${secret}`)).status, 401);
  const records = await stand.records(3);
  assert.deepEqual(
    records.map(({ status, errorCode, outcome, key: of, labels, cost, api }) => [status, errorCode, outcome, of, labels.team, labels.app, cost.total, api]),
    [
      [413, 'body_too_large', 'refused', key.id, 'care', 'desk', 0, 'openai.chat'],
      [415, 'unsupported_encoding', 'refused', key.id, 'care', 'desk', 0, 'openai.chat'],
      [401, 'unauthorized', 'refused', key.id, 'care', undefined, 0, 'openai.chat'],
    ],
  );
  assert.equal(stand.seen.length, 0);
}); // prettier-ignore

test('a flood of refusals is recorded up to a limit each second', () => {
  const recorded: LedgerEvent[] = [];
  let nowMs = 0;
  const refusals = new Refusals((event) => recorded.push(event), () => nowMs);
  const error = new GatewayError('body_too_large', 'no');
  const note = (atMs: number): void => {
    nowMs = atMs;
    refusals.note({ id: 'id', api: 'openai.chat', key: undefined, labels: {}, startedAt: 0, startedMonotonicMs: 0, requestBytes: 0, error });
  };
  for (let count = 0; count < 3 * maxRefusalsPerSecond; count += 1) note(5000 + count);
  assert.equal(recorded.length, maxRefusalsPerSecond);
  note(6000);
  assert.equal(recorded.length, maxRefusalsPerSecond + 1);
}); // prettier-ignore
