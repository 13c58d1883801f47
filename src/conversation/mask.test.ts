import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { errorIn, withoutCounters, withoutVolatile } from './mask.ts';

suite('what changes without telling anything is masked', () => {
  for (const [text, expected] of [
    ['at 2026-01-02T03:04:05.678Z it ended', 'at # it ended'],
    ['at 2026-01-02 03:04 +01:00 and 03:04:05', 'at # +01:00 and #'],
    ['took 12 ms, waited 3.5s, slept 4 seconds', 'took #, waited #, slept #'],
    ['id 123e4567-e89b-12d3-a456-426614174000 and 0123456789abcdef', 'id # and #'],
    ['request req_0a1b2c3d at 1767225600', 'request # at #'],
    ['12 of 90 done, on 2026-01-02, page 3', '12 of 90 done, on 2026-01-02, page 3'],
    ['deadbeefdead is a word, call_center too', 'deadbeefdead is a word, call_center too'],
  ] as const)
    test(text, () => assert.equal(withoutVolatile(text), expected));
});

test('numbers of a try in arguments are masked, others are not', () =>
  assert.equal(withoutCounters('{"attempt":3,"page":4,"request_id":"a-1"}'), '{"attempt":#,"page":4,"request_id":"#"}'));

suite('the same error is the same text', () => {
  for (const [one, other] of [
    ['Error: connect ECONNREFUSED 10.0.0.1:5432', 'Error: connect ECONNREFUSED 10.0.0.9:80'],
    [
      'Traceback (most recent call last):\n  line 7\nValueError: bad float',
      'Traceback (most recent call last):\n  line 12\nValueError: bad  float',
    ],
    ['request 0a1b2c failed', 'request 99ff12 failed'],
  ] as const)
    // prettier-ignore
    test(one, () => {
      assert.ok(errorIn(one, false));
      assert.equal(errorIn(one, false), errorIn(other, false));
    });

  test('another progress is another text', () =>
    assert.notEqual(errorIn('2 failed, 10 % done', false), errorIn('2 failed, 20 % done', false)));
});

suite('what is an error', () => {
  const long = 'All is well with this line of the log. '.repeat(40);
  for (const [text, failed, expected] of [
    ['the file was written', false, false],
    ['the file was left alone', true, true],
    ['No matches found', false, false],
    ['0 results', false, false],
    ['{"failed": 0, "errors": []}', false, false],
    ['exit code 1', false, false], // too little to tell it from others
    ['exit code 1: make: no rule', false, true],
    [long, false, false],
    [`${long} retry`, false, false],
    [`${long}\nTypeError: x is not a function`, false, true],
    [`Command failed\n${long}`, false, true],
  ] as const)
    test(`${text.slice(0, 30)}... (${failed})`, () => assert.equal(errorIn(text, failed) !== undefined, expected));
});
