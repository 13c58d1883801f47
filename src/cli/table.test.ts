import assert from 'node:assert/strict';
import { test } from 'node:test';
import { painter } from './terminal.ts';
import { table, textWidth, type Column } from './table.ts';

const columns: readonly Column[] = [
  { title: 'app', align: 'left', cells: ['shop with a long name', 'desk', 'total'] },
  { title: 'cost', align: 'right', cells: ['$1.00', '$0.25', '$1.25'] },
  { title: 'written', align: 'right', rank: 2, cells: ['12', '3', '15'] },
  { title: 'p95', align: 'right', rank: 1, cells: ['1.20s', '80ms', '1.10s'] },
];
const drawn = (width: number): string => table(columns, { width, paint: painter(false), hasTotals: true });

test('all columns, numbers to the right, the sum apart', () => {
  assert.equal(
    drawn(80),
    [
      'app                     cost  written    p95',
      'shop with a long name  $1.00       12  1.20s',
      'desk                   $0.25        3   80ms',
      '--------------------------------------------',
      'total                  $1.25       15  1.10s',
      '',
    ].join('\n'),
  );
});

test('the first column is cut before a column is left out', () => {
  assert.match(drawn(40), /^shop with a long…  \$1\.00       12  1\.20s$/m);
});

test('the least important column goes first', () => {
  assert.deepEqual(
    [44, 38, 31, 20].map((width) => drawn(width).split('\n')[0]!.trim().split(/\s+/)),
    [
      ['app', 'cost', 'written', 'p95'],
      ['app', 'cost', 'written'],
      ['app', 'cost'],
      ['app', 'cost'],
    ],
  );
});

test('no line is wider than asked', () => {
  for (const width of [40, 38, 32, 30, 24]) for (const line of drawn(width).split('\n')) assert.ok(textWidth(line) <= width, line);
});

test('wide letters and emoji count two columns, marks and colours none', () => {
  assert.deepEqual(['abc', '图书馆', 'é', '🧭x', '\u001b[31mred\u001b[39m'].map(textWidth), [3, 6, 1, 3, 3]);
});
