import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import type { Entry } from './entry.ts';
import { findLoop, type LoopLimits } from './find-loop.ts';
import { printOf } from './print.ts';
import { stepsOf } from './steps.ts';

type Round = readonly [act: string, outcome: string];

/** `tool: arguments`, or `"what is said`. */
function act(text: string): Entry {
  if (text.startsWith('"')) return { kind: 'said', text: text.slice(1) };
  const [tool = '', given = ''] = text.split(': ');
  return { kind: 'call', tool, text: given };
}

const entries = (rounds: readonly Round[]): readonly Entry[] =>
  rounds.flatMap(([what, outcome]): readonly Entry[] => {
    const said = act(what);
    return [said, said.kind === 'said' ? { kind: 'heard', text: outcome } : { kind: 'result', text: outcome, failed: false }];
  });

const loopIn = (rounds: readonly Round[], limits: Partial<LoopLimits> = {}) =>
  findLoop(stepsOf(entries(rounds).map(printOf)), { repeats: 3, ...limits });

const times = (count: number, round: (at: number) => Round): readonly Round[] => Array.from({ length: count }, (_, at) => round(at));
const page = 'The scheduler keeps a queue of pending jobs; each has an id, a priority, a deadline, and an owner who is told of its end.';
const read: Round = ['read: {"path":"a.ts"}', page];
const testRun: Round = ['bash: {"command":"npm test"}', 'FAIL a.test.ts: expected 1 to equal 2'];

const loops: readonly (readonly [what: string, kind: string, period: number, rounds: readonly Round[]])[] = [
  ['the same call with the same result', 'repeat', 1, times(3, () => read)],
  ['the same, after other things were done', 'repeat', 1, [testRun, ['edit: {"a":1}', 'done'], read, read, read]],
  ['the same result but for its time and duration', 'repeat', 1, times(3, (at) => ['get: {}', `pending at 2026-01-02T03:04:0${at}Z (took ${at + 3} ms)`])],
  ['two calls in turn', 'cycle', 2, times(6, (at) => (at % 2 === 0 ? read : testRun))],
  ['three calls in turn', 'cycle', 3, times(9, (at) => [`open: {"tab":${at % 3}}`, `tab ${at % 3} is open now`])],
  ['four calls in turn', 'cycle', 4, times(12, (at) => [`open: {"tab":${at % 4}}`, `tab ${at % 4} is open now`])],
  ['the same error for nearly the same call', 'error', 1, times(4, (at) => [`get: {"path":"/srv/x${at}"}`, `ENOENT: no such file or directory, request ${at}81`])],
  ['the same error by many means', 'error', 1, times(6, (at) => [`tool${at}: {"way":"${'abcdef'[at]} way of doing it number ${at}"}`, 'Error: connection refused by the server'])],
  ['other words for the same call, lines of the result in another order', 'no_news', 1, times(4, (at) => [`search: {"query":"pending jobs of the scheduler","attempt":${at}}`, at % 2 === 0 ? `${page}\nsecond line of it` : `second line of it\n${page}`])],
  ['an agent without tools that says and hears the same', 'repeat', 1, times(4, () => ['"```\nmake\n```', 'make: *** No rule to make target. Stop.'])],
]; // prettier-ignore

suite('what is a loop', () => {
  for (const [what, kind, period, rounds] of loops) {
    test(what, () => assert.deepEqual([loopIn(rounds)?.kind, loopIn(rounds)?.period], [kind, period]));
    test(`${what}: not one round earlier`, () => assert.equal(loopIn(rounds.slice(0, -1)), undefined));
    test(`${what}: not any more once something else was done`, () =>
      assert.equal(loopIn([...rounds, ['write: {"path":"new.ts"}', 'a file of 12 lines was written']]), undefined));
  }
});

const fine: readonly (readonly [what: string, rounds: readonly Round[]])[] = [
  ['a poll whose result changes', times(8, (at) => ['status: {"job":7}', `running, ${at * 12} % done`])],
  ['a large result in which one number changes', times(8, (at) => ['status: {"job":7}', `${page}\nprogress ${at} of 9\n${page}`])],
  ['a poll that tells of failures, and goes on', times(9, (at) => ['status: {"job":7}', `2 tasks failed, will retry; ${at} of 9 done`])],
  ['a poll that tells of no failures', times(9, (at) => ['status: {"job":7}', `{"done": ${at}, "failed": 0, "errors": []}`])],
  ['tests that fail the same way after each edit', times(10, (at) => (at % 2 === 0 ? testRun : [`edit: {"path":"a.ts","old":"line ${at} of it","new":"another line ${at}"}`, 'The file was edited.']))],
  ['a flaky command with other work between', times(9, (at) => (at % 3 === 0 ? ['bash: {"command":"npm ci"}', 'npm ERR! network timeout'] : [`read: {"path":"file${at}.ts"}`, `content of file ${at}: ${'abcdefghi'[at]} ${page}`]))],
  ['paging through a list', times(9, (at) => [`list: {"page":${at}}`, times(8, (row) => ['', `row ${at * 8 + row}`]).map(([, line]) => line).join('\n')])],
  ['a file read again after each change of it', times(9, (at) => (at % 2 === 0 ? ['read: {"path":"a.ts"}', `${page} version ${at}`] : [`write: {"path":"a.ts","text":"version ${at}"}`, 'ok']))],
  ['the same small answer for each of many rows', times(9, (at) => [`seat: {"row":${at},"flight":"HAT0${at}","date":"2024-05-2${at}"}`, 'occupied'])],
  ['searches that find nothing, each for something else', times(9, (at) => [`grep: {"pattern":"name${at}"}`, 'No matches found'])],
  ['acknowledgements of different work', times(9, (at) => [`write: {"path":"src/${'abcdefghi'[at]}.ts","text":"export const ${'abcdefghi'[at]} = ${at};"}`, 'File written.'])],
  ['two different errors in turn with different calls', times(8, (at) => [`call${at}: {"a":"${'abcdefgh'[at]}"}`, at % 2 === 0 ? 'Error: user not found' : 'Error: permission denied for this table'])],
  ['an error that comes three times', times(3, (at) => [`get: {"path":"/srv/x${at}"}`, 'ENOENT: no such file or directory'])],
  ['three times the same, talk only', times(3, () => ['"Anything else?', 'no'])],
  ['two rounds of a cycle', times(4, (at) => (at % 2 === 0 ? read : testRun))],
  ['three files that are read twice', times(6, (at) => [`read: {"path":"${'abc'[at % 3]}.ts"}`, `${page} file ${at % 3}`])],
]; // prettier-ignore

suite('what is none', () => {
  for (const [what, rounds] of fine) {
    for (let end = 1; end <= rounds.length; end += 1)
      test(`${what}: after ${end}`, () => assert.equal(loopIn(rounds.slice(0, end)), undefined));
  }
});

suite('limits', () => {
  for (const repeats of [2, 3, 5, 10]) {
    test(`repeats: ${repeats}`, () => {
      assert.equal(
        loopIn(
          times(repeats - 1, () => read),
          { repeats },
        ),
        undefined,
      );
      assert.equal(
        loopIn(
          times(repeats, () => read),
          { repeats },
        )?.times,
        repeats,
      );
    });
  }

  test('tools that may be called again and again are not looked at', () => {
    const waits = times(5, () => ['wait: {"s":5}', 'still running'] as const);
    assert.equal(loopIn(waits)?.kind, 'repeat');
    assert.equal(loopIn(waits, { ignoreTools: ['wait'] }), undefined);
    const between = waits.flatMap((wait): readonly Round[] => [wait, read]);
    assert.deepEqual(loopIn(between, { ignoreTools: ['wait'] })?.tools, ['read']);
  });

  test('a last act without an outcome, and what comes before the first act, count for nothing', () => {
    const prints = [{ kind: 'heard', text: 'do it' } as const, ...entries(times(2, () => read)), act(read[0])].map(printOf);
    assert.equal(stepsOf(prints).length, 2);
    assert.equal(findLoop(stepsOf(prints), { repeats: 3 }), undefined);
  });

  test('calls made together have no order', () => {
    const [one, two] = [act('read: {"path":"a"}'), act('read: {"path":"b"}')];
    const results: readonly Entry[] = [{ kind: 'result', text: 'text a', failed: false }, { kind: 'result', text: 'text b', failed: false }]; // prettier-ignore
    const both = [one, two, ...results, two, one, ...results.toReversed(), one, two, ...results];
    assert.deepEqual(findLoop(stepsOf(both.map(printOf)), { repeats: 3 }), { kind: 'repeat', times: 3, period: 1, tools: ['read'] });
  });
});

const words = fc.array(fc.stringMatching(/^[a-z]{4,9}$/), { minLength: 4, maxLength: 30 });
const anyRound = fc.tuple(fc.constantFrom('read', 'bash', 'search'), words, words);

test('conversations in which every act is another raise no alarm', () => {
  fc.assert(
    fc.property(fc.uniqueArray(anyRound, { minLength: 1, maxLength: 14, selector: ([, given]) => given.join(' ') }), (rounds) => {
      const clean = rounds.map(([tool, given, outcome], at): Round => [`${tool}: ${given.join(' ')}`, `${outcome.join(' ')} ${'lmnopqrstuvwxyz'[at]} ${given.join(' ')}`]); // prettier-ignore
      for (let end = 1; end <= clean.length; end += 1) assert.equal(loopIn(clean.slice(0, end)), undefined);
    }),
    { numRuns: 200 },
  );
});

test('whatever was done before, three times the same is a loop', () => {
  fc.assert(
    fc.property(fc.array(anyRound, { maxLength: 8 }), anyRound, (before, [tool, given, outcome]) => {
      const rounds = before.map(([name, what, answer]): Round => [`${name}: ${what.join(' ')}`, answer.join(' ')]);
      assert.ok(loopIn([...rounds, ...times(3, () => [`${tool}: ${given.join(' ')}`, outcome.join(' ')])]));
    }),
  );
});
