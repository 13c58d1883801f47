import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { labelsOf } from '../server/labels.ts';
import { labelledFetch, labels, type Labels } from './index.ts';

test('labels become headers; what is not set sends nothing', () => {
  assert.deepEqual(labels({ app: 'shop', feature: undefined, user: '', team: ' ', tags: { Tier: 'gold' } }), {
    'x-modicum-app': 'shop',
    'x-modicum-tag-tier': 'gold',
  });
  assert.deepEqual(labels({}), {});
});

test('the gateway reads from the headers what was put in', () => {
  const all: Labels = {
    app: 'shop',
    feature: 'search',
    user: 'u-1',
    team: 'web',
    session: 's-1',
    task: 't-1',
    tags: { tier: 'gold', 'release.v': '1' },
  };
  assert.deepEqual({ ...labelsOf(Object.entries(labels(all)).flat(), undefined, undefined) }, all);
});

test('no value breaks a header: what it cannot carry is percent-encoded', () => {
  assert.deepEqual(labels({ user: 'Zoë\r\nx-evil: 1 ' }), { 'x-modicum-user': 'Zo%C3%AB%0D%0Ax-evil: 1' });
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (user) => {
      const headers = new Headers(labels({ user }));
      for (const value of headers.values()) assert.match(value, /^[\x20-\x7e]*$/);
    }),
  );
});

for (const name of ['', 'a b', 'a:b', 'ä', 'x'.repeat(101)]) {
  test(`the tag name ${JSON.stringify(name.slice(0, 10))} is refused`, () => {
    assert.throws(() => labels({ tags: { [name]: 'x' } }), RangeError);
  });
}

/** Headers of the requests that went through. */
function recorder() {
  const sent: Record<string, string>[] = [];
  const fetch: typeof globalThis.fetch = async (input, init) => {
    sent.push(Object.fromEntries(new Request(input, init).headers));
    return new Response();
  };
  return { sent, fetch };
}

test('a wrapped fetch labels each request anew, and keeps what the request says itself', async () => {
  const { sent, fetch } = recorder();
  let task = 'one';
  const send = labelledFetch(() => ({ app: 'shop', task }), { fetch });
  await send('http://gateway.test/', { headers: { 'x-modicum-app': 'other', accept: 'text/plain' } });
  task = 'two';
  await send(new Request('http://gateway.test/', { headers: { accept: 'application/json' } }));
  assert.deepEqual(sent, [
    { 'x-modicum-app': 'other', 'x-modicum-task': 'one', accept: 'text/plain' },
    { 'x-modicum-app': 'shop', 'x-modicum-task': 'two', accept: 'application/json' },
  ]);
});

test('without a fetch of its own it uses the global one', async (t) => {
  const { sent, fetch } = recorder();
  t.mock.method(globalThis, 'fetch', fetch);
  await labelledFetch({ user: 'u-1' })('http://gateway.test/');
  assert.deepEqual(sent, [{ 'x-modicum-user': 'u-1' }]);
});
