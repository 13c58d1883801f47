import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Message } from '../../cli/replay/conversation.ts';
import { replayApis } from '../../cli/replay/replay-apis.ts';
import type { Call } from '../../core/call.ts';
import { errorCodes } from '../../core/errors.ts';
import { encodeError } from '../../protocols/errors.ts';
import { minLoopItems, retryWindowMs } from './index.ts';
import { callOf, startStand } from './testing.ts';

type Round = readonly [tool: string, given: string, outcome: string];
type Word = keyof typeof replayApis;
const words = Object.keys(replayApis) as readonly Word[];

const messagesOf = (rounds: readonly Round[]): readonly Message[] => [
  { role: 'system', content: 'You fix tests.' },
  { role: 'user', content: 'Fix a.test.ts.' },
  ...rounds.flatMap(([name, given, content], at): readonly Message[] => [
    { role: 'assistant', content: `Step ${at}.`, toolCalls: [{ id: `call_${at}`, name, arguments: given }] },
    { role: 'tool', toolCallId: `call_${at}`, name, content },
  ]),
];

function callIn(word: Word, prior: readonly Message[]): Call {
  const { api, body } = replayApis[word];
  const conversation = { id: 'c', messages: prior, tools: [], app: undefined, feature: undefined, user: undefined, api: undefined, model: undefined, effort: undefined, stream: undefined, cache: undefined }; // prettier-ignore
  return callOf(api, body({ conversation, prior, reply: { role: 'assistant', content: '', toolCalls: [] } }, { model: 'm', stream: false, cache: false })); // prettier-ignore
}

const read: Round = ['read_file', '{"path":"a.ts"}', 'export const one = 1;'];
const run: Round = ['bash', '{"command":"npm test"}', 'FAIL a.test.ts: expected 1 to equal 2'];
const times = (count: number, round: (at: number) => Round): readonly Round[] => Array.from({ length: count }, (_, at) => round(at));

const loops: readonly (readonly [what: string, signal: string, rounds: readonly Round[]])[] = [
  ['the same call', 'loop:repeat', [run, read, read, read]],
  ['two calls in turn', 'loop:cycle', times(6, (at) => (at % 2 === 0 ? read : run))],
  ['the same error', 'loop:error', times(4, (at) => ['read_file', `{"path":"b${at}.ts"}`, `ENOENT: no such file or directory, try ${at}`])],
  ['nothing new', 'loop:no_news', times(4, (at) => ['search', `{"query":"jobs of the queue","attempt":${at}}`, `The queue keeps pending jobs; each has an id, a priority, a deadline and an owner. (${at + 2} ms)`])],
]; // prettier-ignore
const fine: readonly (readonly [what: string, rounds: readonly Round[]])[] = [
  ['tests after each edit', times(9, (at) => (at % 2 === 0 ? run : ['edit', `{"path":"a.ts","line":${at},"text":"const part${at} = ${at};"}`, 'The file was edited.']))],
  ['a poll that goes on', times(9, (at) => ['status', '{"job":7}', `running, ${at * 11} % done`])],
  ['pages of a list', times(9, (at) => ['list', `{"page":${at}}`, `row ${at}1\nrow ${at}2\nrow ${at}3`])],
]; // prettier-ignore

for (const word of words) {
  suite(`by ${word}`, () => {
    for (const [what, signal, rounds] of loops)
      test(`${what} is found, not a round too early`, async () => {
        const stand = startStand();
        const signals = async (count: number) => (await stand.pass(callIn(word, messagesOf(rounds.slice(0, count))))).signals;
        for (let count = 1; count < rounds.length; count += 1) assert.deepEqual(await signals(count), []);
        assert.deepEqual(await signals(rounds.length), [signal]);
      });
    for (const [what, rounds] of fine)
      test(`no loop: ${what}`, async () => {
        const stand = startStand();
        for (let count = 1; count <= rounds.length; count += 1)
          assert.deepEqual((await stand.pass(callIn(word, messagesOf(rounds.slice(0, count))))).signals, []);
      });
    test('the notice stands at the end, all bytes before it are the same', async () => {
      const call = callIn(word, messagesOf([read, read, read]));
      const { forwarded } = await startStand({ action: 'notice' }).pass(call);
      const [before, after] = [call.body.whole.toString('latin1'), forwarded!.body.whole.toString('latin1')];
      const added = after.indexOf('[Note from the gateway: read_file was called 3 times');
      const same = call.body.whole.findIndex((byte, at) => byte !== forwarded!.body.whole[at]);
      assert.ok(added > same && same > before.indexOf(read[2]), `${same}`);
      assert.ok(after.endsWith(before.slice(same)), 'and all bytes after it');
      assert.deepEqual(
        JSON.parse(after, (_, value: unknown) => withoutNotice(value)),
        JSON.parse(before),
      );
    });
    test('the refusal is an error of the vendor that its client does not repeat', async () => {
      const { forwarded, error } = await startStand({ action: 'refuse' }).pass(callIn(word, messagesOf([read, read, read])));
      assert.equal(forwarded, undefined);
      assert.equal(error?.code, 'loop_detected');
      assert.match(error.message, /^read_file was called 3 times in a row with the same arguments and the same result\. To go on, /);
      const { status, headers, body } = encodeError(
        word === 'messages' ? 'anthropic' : word === 'generate' ? 'google' : 'openai',
        error,
        'r',
      );
      assert.deepEqual([status, headers.includes('x-should-retry')], [422, true]);
      assert.match(body.toString(), /read_file was called 3 times/);
    });
  });
}

/** The same value with the notice taken out: a block of its own, or the end of a text. */
function withoutNotice(value: unknown): unknown {
  const isNotice = (each: unknown): boolean => typeof each === 'object' && JSON.stringify(each).includes('"[Note from');
  if (Array.isArray(value)) return value.filter((each) => !isNotice(each) || 'role' in each || 'content' in each);
  return typeof value === 'string' && value.includes('\n\n[Note from') ? value.slice(0, value.indexOf('\n\n[Note from')) : value;
}

const looping = callIn('chat', messagesOf([read, read, read]));

suite('actions', () => {
  for (const [action, signals, warned, refused] of [
    ['off', 0, false, false],
    ['record', 1, false, false],
    ['warn', 1, true, false],
    ['notice', 1, true, false],
    ['refuse', 1, true, true],
  ] as const)
    test(action, async () => {
      const passed = await startStand({ action }).pass(looping);
      assert.deepEqual(
        [passed.signals.length, (passed.error ?? passed).headers.length > 0, passed.forwarded === undefined],
        [signals, warned, refused],
      );
      if (action !== 'notice' && !refused) assert.equal(passed.forwarded, looping);
    });

  test('the header tells what repeats, in printable ASCII', async () => {
    const [round] = times(1, (): Round => ['читать file', '{}', 'text']);
    const { headers } = await startStand({ action: 'warn' }).pass(callIn('chat', messagesOf([round!, round!, round!])));
    assert.deepEqual(headers, ['x-modicum-warning', 'loop:repeat; ???????file was called 3 times in a row with the same arguments and the same result']); // prettier-ignore
  });

  test('a conversation that ends in an answer of the model gets no notice', async () => {
    const call = callIn('chat', [...messagesOf([read, read, read]), { role: 'assistant', content: 'So', toolCalls: [] }]);
    const { forwarded, signals } = await startStand({ action: 'notice' }).pass(call);
    assert.deepEqual([forwarded === call, signals], [true, ['loop:repeat']]);
  });
});

suite('the same request again', () => {
  const request = callIn('chat', messagesOf([read]));

  test('is a loop at the fourth time, of the same session', async () => {
    const stand = startStand();
    const pass = async (session: string) => (await stand.pass(request, { session })).signals;
    for (let time = 1; time <= 3; time += 1) assert.deepEqual(await pass('a'), []);
    assert.deepEqual(await pass('b'), []);
    assert.deepEqual(await pass('a'), ['loop:request']);
  });

  test('is taken again after the window, or when it has changed', async () => {
    let nowMs = 0;
    const stand = startStand({ action: 'refuse' }, () => nowMs);
    for (let time = 1; time <= 3; time += 1) await stand.pass(request);
    const { error } = await stand.pass(request);
    assert.match(error!.message, /^the same request was sent 4 times\. It is taken again when it has changed, or after 10 minutes\.$/);
    assert.equal((await stand.pass(callIn('chat', messagesOf([run])))).error, undefined);
    nowMs = retryWindowMs;
    assert.equal((await stand.pass(request)).error, undefined);
  });

  test('a prompt that no model has answered yet may be sent as often as one likes', async () => {
    const stand = startStand();
    for (let time = 1; time <= 9; time += 1) assert.deepEqual((await stand.pass(callIn('chat', messagesOf([])))).signals, []);
  });
});

test('a conversation shorter than the limit is not parsed; at the limit it is', async (t) => {
  const call = (items: number) =>
    callOf('openai.chat', { messages: Array.from({ length: items }, (_, at) => ({ role: at % 2 === 0 ? 'user' : 'assistant', content: `m${at}` })) }); // prettier-ignore
  const [short, long] = [call(minLoopItems - 1), call(minLoopItems)];
  const parse = t.mock.method(JSON, 'parse');
  const stand = startStand();
  assert.equal((await stand.pass(short)).forwarded, short);
  assert.equal(parse.mock.callCount(), 0);
  await stand.pass(long);
  assert.ok(parse.mock.callCount() > 0);
});

test('the status of a refusal is none that the vendors’ clients repeat', () => {
  const { status, retryable } = errorCodes.loop_detected;
  assert.ok(!retryable && status < 500 && ![408, 409, 429].includes(status));
});
