import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { findBy, maxRepeats, patternRule, wordRule } from './custom.ts';

const found = (source: string, text: string): readonly string[] =>
  findBy([patternRule(source)], text).map(({ from, to }) => text.slice(from, to));

suite('patterns of the configuration', () => {
  test('match as regular expressions do', () => {
    assert.deepEqual(found(String.raw`\bTICKET-\d{4,6}\b`, 'TICKET-123, TICKET-12345'), ['TICKET-12345']);
    assert.deepEqual(found('(?:emp|cust)_[a-z]+', 'emp_ab cust_c'), ['emp_ab', 'cust_c']);
    assert.deepEqual(found('colou?r', 'color colour'), ['color', 'colour']);
    assert.deepEqual(found(String.raw`[*+]{2}`, 'a**b'), ['**']);
  });
  test(`repeat at most ${maxRepeats} times`, () => {
    assert.deepEqual(found('xa+', `x${'a'.repeat(maxRepeats + 1)}`), [`x${'a'.repeat(maxRepeats)}`]);
  });
  const refused: readonly (readonly [source: string, why: RegExp])[] = [
    ['(a+)+b', /a group that repeats/],
    ['((a|b)*c)*', /a group that repeats/],
    ['(?:a?){30}', /a group that repeats/],
    ['(?=a)b', /look-around/],
    ['(?<!a)b', /look-around/],
    [String.raw`(a)\1`, /look-around and back-references/],
    ['a+b+c+', /more than 4096 ways/],
    ['a{1,5000}', /more than 4096 ways/],
    ['(a', /./],
  ];
  for (const [source, why] of refused)
    test(`${source} is refused`, () =>
      assert.throws(
        () => patternRule(source),
        (error: Error) => error instanceof SyntaxError && why.test(error.message),
      ));

  test('none of those that are taken makes a search slow', { timeout: 30_000 }, () => {
    for (const source of ['a+a+', 'a*b', '[a-z]+@[a-z]+', '(?:a|aa){3}b', '.*=', 'x?a+'])
      for (const unit of ['a', 'a@', 'aa='])
        assert.ok(findBy([patternRule(source)], unit.repeat(50_000)).every(({ from, to }) => to >= from));
  });
});

test('words are found in any case, in any script, and not inside longer words', () => {
  const text = 'PROJECT blue, Projekt Straße, bluebird, Blue-green, проект';
  const words = findBy([wordRule(['project blue', 'straße', 'blue', 'Проект', 'a+b'])], text);
  assert.deepEqual(
    words.map(({ from, to }) => text.slice(from, to)),
    ['PROJECT blue', 'Straße', 'Blue', 'проект'],
  );
});
