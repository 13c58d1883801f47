import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newProvider } from '../config/provider.ts';
import { upstreamOf } from '../config/upstream.ts';
import { KeyRings } from './keys.ts';

const single = upstreamOf(newProvider('one', { protocol: 'openai', baseUrl: 'https://one.example/v1' }, { apiKey: 'k' }));
const several = { ...single, apiKey: 'a', apiKeys: ['a', 'b', 'c'] };

test('a provider with one key is itself, whatever it answers', () => {
  const rings = new KeyRings();
  rings.refused(single, rings.current(single));
  assert.equal(rings.current(single), single);
});

test('a key is kept until it is refused, then the next is used, and after the last the first', () => {
  const rings = new KeyRings();
  const used = [0, 1, 2, 3].map(() => {
    const keyed = rings.current(several);
    assert.equal(rings.current(several), keyed, 'the same object, so that its connections are found again');
    rings.refused(several, keyed);
    return keyed.apiKey;
  });
  assert.deepEqual(used, ['a', 'b', 'c', 'a']);
});

test('calls under way with a refused key skip no key', () => {
  const rings = new KeyRings();
  const keyed = rings.current(several);
  for (let call = 0; call < 5; call += 1) rings.refused(several, keyed);
  assert.equal(rings.current(several).apiKey, 'b');
});
