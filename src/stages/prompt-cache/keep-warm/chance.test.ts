import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Kind } from '../reuse.ts';
import { comesBack, keptWorth, minGaps, refreshCost } from './chance.ts';

const second = 1000;
const kindOf = (gapsMs: readonly number[], ended = 0): Kind => {
  const kind = new Kind();
  for (const gap of gapsMs) {
    kind.reached(1);
    kind.continued(1, gap);
  }
  for (let at = 0; at < ended; at += 1) kind.reached(1);
  return kind;
};
const times = (count: number, gapMs: number): readonly number[] => Array.from({ length: count }, () => gapMs);

test('nothing is concluded from too few gaps', () => {
  assert.equal(comesBack(kindOf(times(minGaps - 1, 400 * second)), 1, 256 * second, 256 * second), 0);
  assert.ok(comesBack(kindOf(times(minGaps, 400 * second)), 1, 256 * second, 256 * second) > 0.8);
});

test('the longer others go on within the time, the likelier; ended ones count against it', () => {
  const half = comesBack(kindOf([...times(50, 10 * second), ...times(50, 400 * second)]), 1, 256 * second, 256 * second);
  const ended = comesBack(kindOf(times(50, 400 * second), 50), 1, 256 * second, 256 * second);
  assert.ok(half > 0.85, 'those that came back at once say nothing about one that is still out');
  assert.ok(ended > 0.4 && ended < 0.55);
});

test('a reading pays where the chance is above its share of what is kept', () => {
  const held = { kept: 10_000, fresh: 100 };
  assert.equal(refreshCost(held, 0.1), 1110);
  assert.equal(keptWorth(held, 0.1, 1.25), 11_500);
});
