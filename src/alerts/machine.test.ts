import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { staleMs, step, type AlertState, type Finding } from './machine.ts';

const minute = 60_000;
/** What is found each minute: bad, well, or unknown; a number is bad at that level; `s` before it: while silenced. */
type Mark = 'bad' | 'well' | '?' | `${'s' | ''}${number}` | 'sbad' | 'swell';

interface Case {
  readonly about: string;
  readonly forMs?: number;
  readonly remindMs?: number;
  readonly found: readonly Mark[];
  /** What is told at each of them. */
  readonly told: readonly string[];
}

const cases: readonly Case[] = [
  { about: 'it is told once', found: ['bad', 'bad', 'bad'], told: ['fired', '', ''] },
  { about: 'and once when it is over', found: ['bad', 'well', 'well'], told: ['fired', 'resolved', ''] },
  { about: 'what was well is not told', found: ['well', 'well'], told: ['', ''] },
  { about: 'it must hold', forMs: 2 * minute, found: ['bad', 'bad', 'bad', 'bad'], told: ['', '', 'fired', ''] },
  { about: 'and a moment without it begins anew', forMs: 2 * minute, found: ['bad', 'bad', 'well', 'bad', 'bad', 'bad'], told: ['', '', '', '', '', 'fired'] },
  { about: 'it must be over for as long', forMs: minute, found: ['bad', 'bad', 'well', 'bad', 'well', 'well'], told: ['', 'fired', '', '', '', 'resolved'] },
  { about: 'it is told again now and then', remindMs: 2 * minute, found: ['bad', 'bad', 'bad', 'bad', 'bad'], told: ['fired', '', 'reminder', '', 'reminder'] },
  { about: 'what cannot be told changes nothing', found: ['?', 'bad', '?', 'bad', 'well'], told: ['', 'fired', '', '', 'resolved'] },
  { about: 'what gets worse is told anew, what gets better is not', found: ['50', '80', '50', '80', '100'], told: ['fired', 'fired', '', '', 'fired'] },
  { about: 'in silence nothing is told, and what still stands is told after it', found: ['sbad', 'sbad', 'bad', 'well'], told: ['', '', 'fired', 'resolved'] },
  { about: 'what came and went in silence is never told', found: ['sbad', 'swell', 'well'], told: ['', '', ''] },
  { about: 'what got worse in silence is told after it', found: ['50', 's80', '80'], told: ['fired', '', 'fired'] },
]; // prettier-ignore

function findingOf(mark: Mark): Finding {
  const plain = mark.replace(/^s/, '');
  const level = Number(plain);
  const isBad = plain === '?' ? undefined : plain !== 'well';
  return { subject: 'all', isBad, sentence: plain, ...(level > 0 && { level }) };
}

describe('an alert', () => {
  for (const { about, forMs = 0, remindMs = 0, found, told } of cases)
    test(about, () => {
      let state: AlertState | undefined;
      const heard = found.map((mark, index) => {
        const pace = { nowMs: index * minute, forMs, remindMs, isSilenced: mark.startsWith('s'), newId: () => `id${index}` };
        const next = step(state, findingOf(mark), pace);
        state = next.state;
        return next.tell ?? '';
      });
      assert.deepEqual(heard, told);
    });

  test('messages of one firing have one id, the next firing has another', () => {
    const pace = { nowMs: 0, forMs: 0, remindMs: 0, isSilenced: false };
    const first = step(undefined, findingOf('bad'), { ...pace, newId: () => 'a' }).state;
    assert.equal(step(first, findingOf('bad'), { ...pace, newId: () => 'b' }).state?.id, 'a');
    const over = step(first, findingOf('well'), { ...pace, newId: () => 'c' });
    assert.equal(step(over.state, findingOf('bad'), { ...pace, newId: () => 'd' }).state?.id, 'd');
  });

  test('after a day without knowing it is over', () => {
    const pace = { forMs: 0, remindMs: 0, isSilenced: false, newId: () => 'a' };
    const { state } = step(undefined, findingOf('bad'), { ...pace, nowMs: 0 });
    assert.equal(step(state, findingOf('?'), { ...pace, nowMs: staleMs - 1 }).tell, undefined);
    assert.deepEqual(step(state, findingOf('?'), { ...pace, nowMs: staleMs }), { state: undefined, tell: 'resolved' });
  });
});
