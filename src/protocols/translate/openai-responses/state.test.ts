import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Message } from '../../../core/canonical/message.ts';
import { createResponseState, type Kept, type ResponseStateLimits } from './state.ts';

const messages = (text: string): readonly Message[] => [{ role: 'user', parts: [{ type: 'text', text }] }];
const said = (text: string): Kept => ({ bytes: 2 * text.length + 100, read: () => ({ messages: messages(text), items: new Map() }) });
const limits: ResponseStateLimits = { maxEntries: 3, maxBytes: 100_000, ttlMs: 1000, now: () => 0 };

test('a response is remembered by its id, and nothing else is', () => {
  const state = createResponseState(limits);
  state.remember('resp_1', said('one'));
  assert.deepEqual(state.previous('resp_1')?.messages, messages('one'));
  assert.equal(state.previous('resp_2'), undefined);
});

test('what is remembered is made when it is first asked for, once', () => {
  let made = 0;
  const state = createResponseState(limits);
  state.remember('a', { bytes: 10, read: () => ((made += 1), { messages: messages('x'), items: new Map() }) });
  assert.equal(made, 0);
  for (let times = 0; times < 2; times += 1)
    assert.deepEqual(state.previous('a'), { messages: messages('x'), items: new Map(), bytes: 10 });
  assert.equal(made, 1);
});

test('at the limit of responses the oldest goes', () => {
  const state = createResponseState(limits);
  for (const id of ['1', '2', '3']) state.remember(id, said(id));
  assert.ok(state.previous('1'), 'three are kept');
  state.remember('4', said('4'));
  assert.equal(state.previous('1'), undefined);
  assert.equal(state.entries, 3);
});

test('at the limit of bytes the oldest goes; what is larger than the limit is not kept', () => {
  const one = createResponseState(limits);
  one.remember('a', said('x'.repeat(1000)));
  const state = createResponseState({ ...limits, maxBytes: one.bytes * 2 });
  for (const id of ['a', 'b']) state.remember(id, said('x'.repeat(1000)));
  assert.equal(state.entries, 2);
  state.remember('c', said('y'));
  assert.equal(state.previous('a'), undefined);
  state.remember('d', said('x'.repeat(10_000)));
  assert.equal(state.previous('d'), undefined);
  assert.ok(state.previous('c'), 'and it pushes nothing out');
});

test('a response is forgotten when its time is over', () => {
  let nowMs = 0;
  const state = createResponseState({ ...limits, now: () => nowMs });
  state.remember('a', said('x'));
  nowMs = 999;
  assert.ok(state.previous('a'));
  nowMs = 1000;
  assert.equal(state.previous('a'), undefined);
  assert.equal(state.bytes, 0);
});

test('a response that is remembered again counts once', () => {
  const state = createResponseState(limits);
  state.remember('a', said('x'));
  const { bytes } = state;
  state.remember('a', said('y'));
  assert.equal(state.bytes, bytes);
  assert.deepEqual(state.previous('a')?.messages, messages('y'));
});

test('whatever comes, no limit is passed and the newest that fits is there', () => {
  const step = fc.record({ id: fc.integer({ min: 0, max: 6 }), length: fc.nat(400), wait: fc.nat(400) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      let nowMs = 0;
      const state = createResponseState({ maxEntries: 3, maxBytes: 1500, ttlMs: 1000, now: () => nowMs });
      for (const { id, length, wait } of steps) {
        nowMs += wait;
        state.remember(`${id}`, said('x'.repeat(length)));
        assert.ok(state.entries <= 3 && state.bytes <= 1500);
        if (length < 400) assert.ok(state.previous(`${id}`));
      }
      nowMs += 1000;
      state.previous('none');
      assert.deepEqual([state.entries, state.bytes], [0, 0]);
    }),
  );
});
