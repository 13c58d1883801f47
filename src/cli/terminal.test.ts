import assert from 'node:assert/strict';
import { test } from 'node:test';
import { columnsOf, defaultColumns, minColumns, painter, showsColors } from './terminal.ts';

for (const [env, isTerminal, expected] of [
  [{}, true, true],
  [{}, false, false],
  [{}, undefined, false],
  [{ TERM: 'dumb' }, true, false],
  [{ NO_COLOR: '1' }, true, false],
  [{ NO_COLOR: '' }, true, true],
  [{ FORCE_COLOR: '1' }, false, true],
  [{ FORCE_COLOR: '0' }, true, false],
  [{ FORCE_COLOR: '1', NO_COLOR: '1' }, false, true],
] as const) {
  test(`colours with ${JSON.stringify(env)} ${isTerminal ? 'on a terminal' : 'elsewhere'}: ${expected}`, () =>
    assert.equal(showsColors(env, isTerminal), expected));
}

test('the width is that of COLUMNS, the terminal, or a default, and never too small', () => {
  assert.deepEqual(
    [
      columnsOf({ COLUMNS: '80' }, 200),
      columnsOf({}, 120),
      columnsOf({}, undefined),
      columnsOf({ COLUMNS: '7' }, 90),
      columnsOf({ COLUMNS: 'x' }, 90),
    ],
    [80, 120, defaultColumns, minColumns, 90],
  );
});

test('paint leaves text as it is without colours', () => {
  assert.deepEqual([painter(false)('red', 'x'), painter(true)('red', 'x')], ['x', '\u001b[31mx\u001b[39m']);
});
