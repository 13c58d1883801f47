import assert from 'node:assert/strict';
import { test } from 'node:test';
import { csvOf } from './csv.ts';

test('cells with commas, quotes and line breaks are quoted', () => {
  assert.equal(
    csvOf([
      ['a', 'b,c'],
      ['say "hi"', 'one\ntwo'],
    ]),
    'a,"b,c"\r\n"say ""hi""","one\ntwo"\r\n',
  );
});

test('what a spreadsheet would take for a formula is a text, a negative number is a number', () => {
  assert.equal(csvOf([['=1+1', '@x', '-0.5', '-1e-9', '-x']]), "'=1+1,'@x,-0.5,-1e-9,'-x\r\n");
});
