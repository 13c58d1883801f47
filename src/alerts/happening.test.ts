import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Inbox, maxWaitingHappenings, type Happened } from './happening.ts';
import { longestSpanMs, maxSubjectLength, spanMs, spanText } from './rule.ts';

const loop = (subject: string, more: Partial<Happened> = {}): Happened => ({
  event: 'loop',
  subject,
  sentence: '',
  endsAt: undefined,
  ...more,
});

test('of one subject the worst waits, and its end comes after it', () => {
  const inbox = new Inbox();
  for (const level of [50, 80, 60]) inbox.put(loop('a', { level }));
  assert.deepEqual(inbox.take().map(({ level }) => level), [80]); // prettier-ignore
  inbox.put(loop('a', { level: 80 }));
  inbox.put(loop('a', { isOver: true }));
  assert.deepEqual(inbox.take().map(({ isOver }) => isOver), [true]); // prettier-ignore
  assert.deepEqual(inbox.take(), []);
});

test('of too many subjects the new ones are left out, those that wait are not', () => {
  const inbox = new Inbox();
  for (let index = 0; index < maxWaitingHappenings; index += 1) inbox.put(loop(`a${index}`));
  inbox.put(loop('one more'));
  inbox.put(loop('a0', { level: 7 }));
  const waiting = inbox.take();
  assert.equal(waiting.length, maxWaitingHappenings);
  assert.equal(waiting[0]!.level, 7);
});

test('a long subject is cut', () => {
  const inbox = new Inbox();
  inbox.put(loop('x'.repeat(maxSubjectLength)));
  inbox.put(loop('x'.repeat(maxSubjectLength + 1)));
  assert.deepEqual(inbox.take().map(({ subject }) => [subject.length, subject.endsWith('…')]), [[maxSubjectLength, false], [maxSubjectLength, true]]); // prettier-ignore
});

for (const [text, ms] of [
  ['1m', 60_000],
  ['90m', 5_400_000],
  ['1h', 3_600_000],
  ['7d', 604_800_000],
  ['92d', longestSpanMs],
  ['93d', undefined],
  ['1w', undefined],
  ['', undefined],
] as const)
  // prettier-ignore
  test(`the span "${text}" is ${ms} ms`, () => {
    assert.equal(spanMs(text), ms);
    if (ms !== undefined) assert.equal(spanText(ms), text);
  });
