import assert from 'node:assert/strict';
import { test } from 'node:test';
import { estimateTokens } from './estimate.ts';
import { countTokens } from './tokenizer.ts';

const texts: readonly (readonly [kind: string, text: string, errorMax: number])[] = [
  [
    'English',
    'The committee met twice in March to review the budget, and after a long discussion it decided that the new library should open in the autumn, provided that the roof is repaired before the first frost. ',
    0.12,
  ],
  [
    'German',
    'Der Ausschuss tagte im März zweimal, um den Haushalt zu prüfen, und beschloss nach langer Aussprache, dass die neue Bibliothek im Herbst eröffnet werden soll, sofern das Dach vor dem ersten Frost repariert ist. ',
    0.25,
  ],
  [
    'Russian',
    'Комитет дважды собирался в марте, чтобы рассмотреть бюджет, и после долгого обсуждения решил открыть новую библиотеку осенью. ',
    0.6,
  ],
  ['Chinese', '委员会在三月份开了两次会审查预算,经过长时间的讨论,决定新图书馆应在秋天开放,条件是屋顶在第一次霜冻之前修好。', 0.25],
  [
    'JSON',
    '{"id": 4711, "name": "Alice Example", "tags": ["red", "green"], "address": {"city": "Oslo", "zip": "0150"}, "active": true}\n',
    0.2,
  ],
  [
    'code',
    'export function sum(values: readonly number[]): number {\n  let total = 0;\n  for (const value of values) total += value;\n  return total;\n}\n',
    0.2,
  ],
];

for (const [kind, text, errorMax] of texts)
  test(`the estimate of ${kind} is within ${errorMax * 100} % of the count`, () => {
    const long = text.repeat(10);
    const exact = countTokens(long);
    assert.ok(Math.abs(estimateTokens(long) - exact) <= errorMax * exact, `${estimateTokens(long)} for ${exact}`);
  });

test('text and its bytes are estimated alike, backslashes or not', () => {
  assert.equal(estimateTokens('plain text'), estimateTokens(Buffer.from('plain text')));
  assert.ok(estimateTokens(String.raw`C:\new\table`) >= 4);
});

test('nothing is nothing', () => {
  assert.equal(estimateTokens(''), 0);
});
