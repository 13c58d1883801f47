import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shaping } from '../../core/shaping.ts';
import { testScope } from '../../core/testing.ts';
import { Reply } from '../../core/reply.ts';
import { repairRules, safeRules, type RepairRule } from '../../prefix/rules.ts';
import { maxAlike } from '../../prefix/memory.ts';
import { maxToldChars } from '../../prefix/blocks.ts';
import { promptRepair } from './index.ts';
import { callOf, startStand } from './testing.ts';

const tool = (name: string, more: object = {}) => ({
  type: 'function',
  function: { name, parameters: { type: 'object', properties: more } },
});
const user = (content: string) => ({ role: 'user', content });
const assistant = (content: string) => ({ role: 'assistant', content });
const system = (content: string) => ({ role: 'system', content });
const called = (id: string) => ({
  role: 'assistant',
  tool_calls: [{ id, type: 'function', function: { name: 'find', arguments: '{"q":1}' } }],
});
const result = (id: string, content: string) => ({ role: 'tool', tool_call_id: id, content });
const session = { session: 's' };

interface Turn {
  readonly tools?: readonly object[];
  readonly messages: readonly object[];
}
interface Case {
  readonly name: string;
  readonly rule: RepairRule;
  readonly signal: string;
  readonly first: Turn;
  readonly second: Turn;
  /** What goes out at the second call. */
  readonly sent: Turn;
}

const policy = 'Rules of the house, long enough to be worth a cache.';
const asked = [user('Where is it?'), assistant('Which one?'), user('The red one.')];

const cases: readonly Case[] = [
  {
    name: 'tools in another order',
    rule: 'tool-order',
    signal: 'prefix:tool_order',
    first: { tools: [tool('a'), tool('b')], messages: [user('x')] },
    second: { tools: [tool('b'), tool('a')], messages: [user('x'), assistant('y'), user('z')] },
    sent: { tools: [tool('a'), tool('b')], messages: [user('x'), assistant('y'), user('z')] },
  },
  {
    name: 'keys of a tool in another order',
    rule: 'tool-json',
    signal: 'prefix:tool_key_order',
    first: { tools: [tool('a', { x: { type: 'string', title: 'X' } })], messages: [user('x')] },
    second: { tools: [tool('a', { x: { title: 'X', type: 'string' } })], messages: [user('x')] },
    sent: { tools: [tool('a', { x: { type: 'string', title: 'X' } })], messages: [user('x')] },
  },
  {
    name: 'keys of a result in another order',
    rule: 'json',
    signal: 'prefix:key_order',
    first: { messages: [user('x'), called('c1'), result('c1', '{"a": 1, "b": 2}')] },
    second: { messages: [user('x'), called('c1'), result('c1', '{"b": 2, "a": 1}'), assistant('y'), user('z')] },
    sent: { messages: [user('x'), called('c1'), result('c1', '{"a": 1, "b": 2}'), assistant('y'), user('z')] },
  },
  {
    name: 'blank lines and spaces at the ends of lines',
    rule: 'whitespace',
    signal: 'prefix:whitespace',
    first: { messages: [system('a\n\nb\n'), user('x')] },
    second: { messages: [system('a  \n\n\nb'), user('x')] },
    sent: { messages: [system('a\n\nb\n'), user('x')] },
  },
  {
    name: '1.0 for 1',
    rule: 'number-format',
    signal: 'prefix:number_format',
    first: { messages: [system('weight 1'), user('x')] },
    second: { messages: [system('weight 1.0'), user('x')] },
    sent: { messages: [system('weight 1'), user('x')] },
  },
  {
    name: 'ids of calls made anew, with the ids of their results',
    rule: 'call-ids',
    signal: 'prefix:call_ids',
    first: { messages: [user('x'), called('c1'), result('c1', 'found')] },
    second: { messages: [user('x'), called('d1'), result('d1', 'found'), assistant('y'), user('z')] },
    sent: { messages: [user('x'), called('c1'), result('c1', 'found'), assistant('y'), user('z')] },
  },
  {
    name: 'a time in the system prompt, told at the end',
    rule: 'volatile-values',
    signal: 'prefix:timestamp',
    first: { messages: [system(`Now: 2026-11-02T09:00:00\n${policy}`), asked[0]!] },
    second: { messages: [system(`Now: 2026-11-02T09:00:17\n${policy}`), ...asked] },
    sent: {
      messages: [
        system(`Now: 2026-11-02T09:00:00\n${policy}`),
        asked[0]!,
        asked[1]!,
        user('The red one.\n\n[Now, instead of the values above: Now: 2026-11-02T09:00:17]'),
      ],
    },
  },
  {
    name: 'looked-up text before the history, the newest told at the end',
    rule: 'context-blocks',
    signal: 'prefix:context_block',
    first: { messages: [system(policy), user('Retrieved context:\nOld'), asked[0]!] },
    second: { messages: [system(policy), user('Retrieved context:\nNew'), ...asked] },
    sent: {
      messages: [
        system(policy),
        user('Retrieved context:\nOld'),
        asked[0]!,
        asked[1]!,
        user('The red one.\n\n[Now, instead of the same block above:]\nRetrieved context:\nNew'),
      ],
    },
  },
  {
    name: "a client's billing header",
    rule: 'billing-header',
    signal: 'prefix:billing_header',
    first: { messages: [system('x-anthropic-billing-header: cch=1;'), system(policy), user('x')] },
    second: { messages: [system('x-anthropic-billing-header: cch=2;'), system(policy), user('x')] },
    sent: { messages: [system('x-anthropic-billing-header: cch=1;'), system(policy), user('x')] },
  },
];

for (const { name, rule, signal, first, second, sent } of cases)
  test(`${rule}: ${name}`, () => {
    const stand = startStand({ rules: [rule] });
    assert.deepEqual(stand.pass('openai.chat', first, session).isChanged, false);
    const passed = stand.pass('openai.chat', second, session);
    assert.deepEqual(passed.body, sent);
    assert.equal(passed.text, JSON.stringify(sent), 'byte for byte as it was sent before');
    assert.deepEqual(passed.signals, [signal]);
    assert.deepEqual(
      passed.savings.map((saving) => saving.rule),
      [rule],
    );
    const without = startStand({ rules: repairRules.filter((other) => other !== rule) });
    without.pass('openai.chat', first, session);
    const diagnosed = without.pass('openai.chat', second, session);
    assert.equal(diagnosed.isChanged, false, 'a rule that is off changes nothing');
    assert.deepEqual(diagnosed.signals, [signal], 'and what broke the prefix is named all the same');
  });

test('tools that are left out stay in the list, and the call is kept to those it offers', () => {
  const stand = startStand({ rules: ['tool-set'], takesAllowedTools: true });
  const messages = [user('x')];
  stand.pass('openai.chat', { tools: [tool('a'), tool('b')], messages }, session);
  const { body } = stand.pass('openai.chat', { tools: [tool('a')], messages }, session);
  const allowed = { mode: 'auto', tools: [{ type: 'function', function: { name: 'a' } }] };
  assert.deepEqual(body, { tools: [tool('a'), tool('b')], messages, tool_choice: { type: 'allowed_tools', allowed_tools: allowed } });
  const forced = { type: 'function', function: { name: 'a' } };
  assert.equal(stand.pass('openai.chat', { tools: [tool('a')], messages, tool_choice: forced }, session).isChanged, false);
  const elsewhere = startStand({ rules: ['tool-set'], takesAllowedTools: false });
  elsewhere.pass('openai.chat', { tools: [tool('a'), tool('b')], messages }, session);
  const passed = elsewhere.pass('openai.chat', { tools: [tool('a')], messages }, session);
  assert.deepEqual([passed.isChanged, passed.signals], [false, ['prefix:tool_set']]);
});

test('what was told at the end of a turn stands there in all later turns, and is told again only when it changes', () => {
  const stand = startStand({ rules: repairRules });
  const head = (day: number) => system(`Today is 2026-11-0${day}.\n${policy}`);
  const turns = [
    [head(2), user('1')],
    [head(3), user('1'), assistant('a'), user('2')],
    [head(3), user('1'), assistant('a'), user('2'), assistant('b'), user('3')],
    [head(2), user('1'), assistant('a'), user('2'), assistant('b'), user('3'), assistant('c'), user('4')],
  ];
  const sent = turns.map(
    (messages) => stand.pass('openai.chat', { messages }, session).body['messages'] as readonly { readonly content: string }[],
  );
  assert.deepEqual(sent.map((messages) => messages.map(({ content }) => content.replace(policy, ''))).at(-1), [
    'Today is 2026-11-02.\n',
    '1',
    'a',
    '2\n\n[Now, instead of the values above: Today is 2026-11-03]',
    'b',
    '3',
    'c',
    '4\n\n[Now, instead of the values above: Today is 2026-11-02]',
  ]);
  for (const [index, messages] of sent.slice(1).entries()) assert.deepEqual(messages.slice(0, sent[index]!.length), sent[index]);
});

test('other instructions are another conversation, and are named; an earlier message that changed, or a cut history too', () => {
  const named = (second: readonly object[]): readonly string[] => {
    const stand = startStand({ rules: repairRules });
    stand.pass('openai.chat', { messages: [system('Be brief.'), ...asked] }, session);
    const passed = stand.pass('openai.chat', { messages: second }, session);
    assert.equal(passed.isChanged, false);
    return passed.signals;
  };
  assert.deepEqual(named([system('Be wordy.'), ...asked, assistant('a'), user('b')]), ['prefix:system_changed']);
  assert.deepEqual(named([system('Be brief.'), asked[0]!, assistant('None.'), user('b'), user('c')]), ['prefix:message_changed']);
  assert.deepEqual(named([system('Be brief.'), asked[0]!, asked[2]!]), ['prefix:history_truncated']);
  assert.deepEqual(named([system('Be brief.'), ...asked, assistant('a'), user('b')]), []);
});

test('no value of one owner, key, app or session gets into the prompt of another', () => {
  const turn = (memory: string) => ({ messages: [system(`${policy}\n<memory>${memory}</memory>`), ...asked] });
  const whoever = [{ user: 'u1' }, { user: 'u2' }, { app: 'a' }, { session: 's1' }, { session: 's2' }];
  const stand = startStand({ rules: repairRules });
  for (const labels of whoever) assert.equal(stand.pass('openai.chat', turn(JSON.stringify(labels)), labels).isChanged, false);
  assert.equal(stand.pass('openai.chat', turn('k1'), {}, 'key1').isChanged, false);
  assert.equal(stand.pass('openai.chat', turn('k2'), {}, 'key2').isChanged, false);
});

test('without a session, ids and memories are taken over only where a whole exchange is the same', () => {
  const id = (digit: number) => system(`User 00000000-0000-0000-0000-00000000000${digit}. ${policy}`);
  const stand = startStand({ rules: repairRules });
  for (let digit = 0; digit <= maxAlike; digit += 1)
    assert.equal(stand.pass('openai.chat', { messages: [id(digit), user('hi')] }).isChanged, false);
  const long = [user('hi'), assistant('A long answer that is surely not the same in two conversations. '.repeat(3)), user('go on')];
  assert.equal(stand.pass('openai.chat', { messages: [id(1), ...long] }).isChanged, false);
  const passed = stand.pass('openai.chat', { messages: [id(7), ...long, assistant('b'), user('c')] });
  assert.equal(passed.isChanged, true);
});

test('a note longer than what it spares, or past the limit of all notes, is not written', () => {
  const block = (text: string) => user(`Retrieved context:\n${text}`);
  const second = (old: string, now: string): boolean => {
    const stand = startStand({ rules: repairRules });
    const messages = (text: string, more: readonly object[]) => ({
      messages: [system(policy), block(text), user('q'), assistant(old), ...more],
    });
    stand.pass('openai.chat', messages('a', [user('1')]), session);
    return stand.pass('openai.chat', messages(now, [user('1'), assistant('x'), user('2')]), session).isChanged;
  };
  assert.equal(second('short', 'b'.repeat(2000)), false);
  assert.equal(second('long '.repeat(2000), 'b'.repeat(2000)), true);
  assert.equal(second('long '.repeat(maxToldChars), 'b'.repeat(maxToldChars)), false);
});

test('memory is bounded: what was not used for longest is forgotten', () => {
  const stand = startStand({ rules: safeRules, limits: { maxConversations: 2, maxBytes: 1e6 } });
  const turn = (order: readonly string[]) => ({ tools: order.map((name) => tool(name)), messages: [user('x')] });
  for (const name of ['1', '2', '3']) stand.pass('openai.chat', turn(['a', 'b']), { session: name });
  assert.equal(stand.pass('openai.chat', turn(['b', 'a']), { session: '3' }).isChanged, true);
  assert.equal(stand.pass('openai.chat', turn(['b', 'a']), { session: '1' }).isChanged, false);
  const small = startStand({ rules: safeRules, limits: { maxConversations: 9, maxBytes: 10 } });
  small.pass('openai.chat', turn(['a', 'b']), session);
  assert.equal(small.pass('openai.chat', turn(['b', 'a']), session).isChanged, false);
});

test('in observe it is recorded and the call goes on as it was', async () => {
  const options = {
    limits: { maxConversations: 9, maxBytes: 1e6 },
    rulesOf: () => new Set(safeRules),
    takesAllowedTools: () => false,
    worth: () => 5 as never,
  };
  const stage = shaping(promptRepair(options), () => 'observe');
  const replied = new Reply(
    { kind: 'gateway', name: 't', hosting: 'api', model: 'm' },
    { status: 200, headers: [] },
    { to: (sink) => sink.end() },
  );
  const scope = testScope({ labels: session });
  const calls = [
    ['a', 'b'],
    ['b', 'a'],
  ].map((order) => callOf('openai.chat', { tools: order.map((name) => tool(name)), messages: [user('x')] }));
  const handler = stage.wrap(async (call) => {
    assert.ok(calls.includes(call));
    return replied;
  });
  for (const call of calls) await handler(call, scope);
  assert.deepEqual(scope.annotations.signals, ['prefix:tool_order']);
  assert.deepEqual(scope.annotations.savings, [
    { stage: 'prompt-repair', mode: 'observe', rule: 'tool-order', inputTokens: 0, outputTokens: 0, cost: 5, basis: 'estimated' },
  ]);
});

test('what grew byte for byte is not read, and still known when it breaks', () => {
  const stand = startStand({ rules: safeRules });
  const turns = [user('x'), { role: 'assistant', content: 'y' }, user('z'), { role: 'assistant', content: '{"a":1,"b":2}' }, user('v')];
  const tools = [tool('a'), tool('b')];
  for (const length of [1, 3, 5]) {
    const { isChanged, signals } = stand.pass('openai.chat', { tools, messages: turns.slice(0, length) });
    assert.deepEqual([isChanged, signals], [false, []]);
  }
  const broken = { tools: tools.toReversed(), messages: [...turns, { role: 'assistant', content: 'w' }, user('u')] };
  const { body, signals } = stand.pass('openai.chat', broken);
  assert.deepEqual(signals, ['prefix:tool_order']);
  assert.deepEqual(body, { ...broken, tools });
});
