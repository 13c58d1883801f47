import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readConversation, turnsOf } from '../../cli/replay/conversation.ts';
import { replayApis } from '../../cli/replay/replay-apis.ts';
import type { ApiId } from '../../core/api.ts';
import type { Json, JsonObject } from '../../core/json.ts';
import { blocksOf, promptOf } from '../../prefix/prompt.ts';
import { repairRules } from '../../prefix/rules.ts';
import { callOf, startStand } from './testing.ts';

/** The conversation as the client writes it at its n-th call. */
type Writer = (call: number) => {
  readonly system?: string;
  readonly ask?: string;
  readonly first?: readonly JsonObject[];
  readonly result?: string;
  readonly id?: string;
  readonly tools?: readonly Json[];
};

const policy = 'You book flights. '.repeat(30);
const tool = (name: string): Json => ({
  type: 'function',
  function: { name, description: `Does ${name}.`, parameters: { type: 'object', properties: { q: { type: 'string' } } } },
});
const tools = ['search', 'book', 'cancel'].map(tool);
const turned = (call: number): readonly Json[] => [...tools.slice(call % 3), ...tools.slice(0, call % 3)];
const two = (call: number): string => String(call).padStart(2, '0');

const writers: Readonly<Record<string, Writer>> = {
  clean: () => ({}),
  'a time first': (call) => ({ system: `Time: 2026-11-02T09:00:${two(call)}Z\n${policy}` }),
  'a date, once': (call) => ({ system: `${policy}\nToday is ${call < 3 ? '2026-11-02' : '2026-11-03'}.` }),
  'a uuid inside': (call) => ({ system: `${policy}\n[request-id: 00000000-0000-4000-8000-0000000000${two(call)}]\n${policy}` }),
  'a session in the question': (call) => ({ ask: `[session 884148f034ecc2${two(call)}] Hello, where is my flight?` }),
  'a memory': (call) => ({ system: `${policy}\n<memory updated="2026-11-02T09:00:${two(call)}">item ${call}</memory>` }),
  'blank lines': (call) => ({ system: `${policy}${'\n'.repeat(2 + (call % 3))}Be polite.${' '.repeat(call % 2)}` }),
  'a number': (call) => ({ system: `${policy} weight ${call % 2 === 0 ? '1' : '1.0'}` }),
  'keys of results': (call) => ({ result: call % 2 === 0 ? '{"city": "Oslo", "price": 20}' : '{"price": 20.0, "city": "Oslo"}' }),
  'ids of calls': (call) => ({ id: `call_${call}abcdef` }),
  'the order of tools': (call) => ({ tools: turned(call) }),
};

function bodies(api: (typeof replayApis)[keyof typeof replayApis], write: Writer): readonly JsonObject[] {
  const recording = (call: number): Json => {
    const {
      system = policy,
      ask = 'Hello, where is my flight?',
      result = '{"city": "Oslo", "price": 20}',
      id = 'call_abcdef1',
      tools: own = tools,
    } = write(call);
    return {
      tools: own,
      messages: [
        { role: 'system', content: system },
        { role: 'user', content: ask },
        {
          role: 'assistant',
          content: 'I will look that up for you, one moment.',
          tool_calls: [{ id, type: 'function', function: { name: 'search', arguments: '{"q":"flight"}' } }],
        },
        { role: 'tool', tool_call_id: id, content: result },
        { role: 'assistant', content: 'It goes to Oslo.' },
        { role: 'user', content: 'Please book it.' },
        { role: 'assistant', content: 'Booked it for you.' },
        { role: 'user', content: 'Thanks, and the way back?' },
        { role: 'assistant', content: 'There is none.' },
      ],
    };
  };
  return [0, 1, 2, 3].map((call) => {
    const turn = turnsOf(readConversation(recording(call), 1))[call]!;
    return api.body(turn, { model: 'm', stream: false, cache: false });
  });
}

/** Blocks of a body as it goes out, tools first. */
function blocksIn(api: ApiId, text: string): readonly string[] {
  const call = callOf(api, text);
  const prompt = promptOf(api, 'm', (key) => call.json(key))!;
  return [prompt.tools ?? '', ...blocksOf(prompt)];
}

const words = (text: string): readonly string[] =>
  JSON.stringify(JSON.parse(text))
    .replace(/\\+[nrt"]/g, ' ')
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '' && word !== '0');

for (const [word, api] of Object.entries(replayApis))
  for (const [name, write] of Object.entries(writers))
    test(`${word}, ${name}: each call goes on where the one before ended, and loses no word`, () => {
      const stand = startStand({ rules: repairRules, takesAllowedTools: true });
      let before: readonly string[] = [];
      for (const body of bodies(api, write)) {
        const original = JSON.stringify(body);
        const { text, isChanged } = stand.pass(api.api, body, { session: 's' });
        if (name === 'clean') assert.equal(isChanged, false);
        const sent = blocksIn(api.api, text);
        assert.deepEqual(sent.slice(0, before.length), before, 'a prefix of what goes out now');
        const said = new Set(words(text));
        const allowed = name === 'ids of calls' ? /^(?:call|\d?abcdef\d?)$/ : /^$/;
        assert.deepEqual(
          words(original).filter((each) => !said.has(each) && !allowed.test(each)),
          [],
        );
        before = sent;
      }
    });

const text = fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' });

test('whatever is said, clean traffic goes on byte for byte, and what a turn adds is never changed', () => {
  const turn = fc.record({ ask: text, answer: text });
  fc.assert(
    fc.property(text, fc.array(turn, { minLength: 1, maxLength: 5 }), fc.constantFrom(0, 1), (system, turns, indent) => {
      const stand = startStand({ rules: repairRules, takesAllowedTools: true });
      for (const [index, { ask }] of turns.entries()) {
        const history = turns.slice(0, index).flatMap((each) => [
          { role: 'user', content: each.ask },
          { role: 'assistant', content: each.answer },
        ]);
        const body = JSON.stringify(
          { tools, messages: [{ role: 'system', content: system }, ...history, { role: 'user', content: ask }] },
          null,
          indent,
        );
        const passed = stand.pass('openai.chat', body, { session: 's' });
        assert.deepEqual([passed.isChanged, passed.text, passed.signals], [false, body, []]);
      }
    }),
  );
});

test("Claude's blocks: wandering marks, signatures, ids and a billing header go on as they came", () => {
  const mark = { cache_control: { type: 'ephemeral' } };
  const thinking = { type: 'thinking', thinking: 'hm', signature: 'c2lnbmF0dXJl' };
  const use = { type: 'tool_use', id: 'toolu_1', name: 'search', input: { q: 'BIG' } };
  const system = (cch: number) => [
    { type: 'text', text: `x-anthropic-billing-header: cch=${cch};` },
    { type: 'text', text: policy, ...mark },
  ];
  const ask = (more: object) => ({ role: 'user', content: [{ type: 'text', text: 'Hello', ...more }] });
  const answer = { role: 'assistant', content: [thinking, use] };
  const result = (more: object) => ({ role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'Oslo', ...more }] });
  const named = [{ name: 'search', input_schema: { type: 'object' } }];
  const stand = startStand({ rules: repairRules.filter((rule) => rule !== 'billing-header') });
  const turns = [
    { system: system(1), tools: named, messages: [ask(mark)] },
    { system: system(2), tools: named, messages: [ask({}), answer, result(mark)] },
    { system: system(3), tools: named, messages: [ask({}), answer, result({}), { role: 'assistant', content: 'It is Oslo.' }, ask(mark)] },
  ];
  for (const turn of turns) {
    const body = JSON.stringify(turn).replace('"BIG"', '9007199254740993'); // more than a double holds
    assert.equal(stand.pass('anthropic.messages', body, { session: 's' }).text, body);
  }
});

test('a value told behind a mark stays where it is while the marks wander', () => {
  const mark = { cache_control: { type: 'ephemeral' } };
  const system = (second: number) => [{ type: 'text', text: `Time: 2026-11-02T09:00:0${second}Z\n${policy}`, ...mark }];
  const user = (said: string, more: object = {}) => ({ role: 'user', content: [{ type: 'text', text: said, ...more }] });
  const answer = { role: 'assistant', content: [{ type: 'text', text: 'Yes.' }] };
  const note = (second: number) => ({ type: 'text', text: `[Now, instead of the values above: Time: 2026-11-02T09:00:0${second}Z]` });
  const stand = startStand({ rules: repairRules });
  const pass = (second: number, messages: readonly object[]): JsonObject =>
    stand.pass('anthropic.messages', { system: system(second), messages }, { session: 's' }).body;
  pass(1, [user('a', mark)]);
  const second = pass(2, [user('a'), answer, user('b', mark)]);
  const third = pass(3, [user('a'), answer, user('b'), answer, user('c', mark)]);
  assert.deepEqual(second, {
    system: system(1),
    messages: [user('a'), answer, { role: 'user', content: [{ type: 'text', text: 'b', ...mark }, note(2)] }],
  });
  const plain = { role: 'user', content: [{ type: 'text', text: 'b' }, note(2)] };
  assert.deepEqual(third, {
    system: system(1),
    messages: [user('a'), answer, plain, answer, { role: 'user', content: [{ type: 'text', text: 'c', ...mark }, note(3)] }],
  });
});

test('what the provider keeps, or is no conversation, is left alone', () => {
  const stand = startStand({ rules: repairRules });
  const at = (second: number) => ({ role: 'user', content: `Time: 2026-11-02T09:00:0${second}Z` });
  for (const second of [1, 2, 3]) {
    for (const body of [
      { input: [at(second), at(second)], previous_response_id: 'resp_1' },
      { input: at(second).content },
      { input: [] },
      { model: 'm' },
    ])
      assert.equal(stand.pass('openai.responses', body, { session: 's' }).isChanged, false);
    assert.equal(stand.pass('openai.embeddings', { input: [at(second).content, 'x'] }, { session: 's' }).isChanged, false);
  }
});
