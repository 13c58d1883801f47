import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Json, JsonObject } from '../../core/json.ts';
import type { Buckets } from '../../core/usage.ts';
import { callOf, startStand, textOf, type Stand } from './testing.ts';

const claude = { provider: 'anthropic', model: 'claude-sonnet-5' };
const minute = 60_000;

/** An agent's call after so many rounds of a tool. */
const agent = (rounds: number, more: object = {}, system: Json = textOf(3000)) => ({
  max_tokens: 10,
  system,
  messages: [
    { role: 'user', content: 'Book a flight.' },
    ...Array.from({ length: rounds }, (_, at) => [
      { role: 'assistant', content: [{ type: 'tool_use', id: `t${at}`, name: 'search', input: { at } }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: `t${at}`, content: textOf(200, `result${at}`) }] },
    ]).flat(),
  ],
  ...more,
});
const question = (at: number, system: Json = textOf(3000)) => ({
  max_tokens: 10,
  system,
  messages: [{ role: 'user', content: `question ${at}` }],
});

/** Where marks stand: member, and index of message or block; with the lifetime if it is named. */
function marksOf(body: JsonObject): readonly string[] {
  const found: string[] = [];
  const look = (path: string, value: Json | undefined): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, inner] of Object.entries(value))
      if (key === 'cache_control') found.push([path, (inner as { readonly ttl?: string }).ttl ?? []].flat().join(' '));
      else look(path === '' ? key : `${path}.${key}`, inner);
  };
  look('', body);
  return found;
}

const sendAll = async (stand: Stand, bodies: readonly object[], gapMs = 10_000): Promise<readonly (readonly string[])[]> => {
  const marks: (readonly string[])[] = [];
  for (const body of bodies) {
    marks.push(marksOf((await stand.send(callOf('anthropic.messages', body))).body));
    stand.pass(gapMs);
  }
  return marks;
};
const rounds = (count: number, from = 0): readonly object[] => Array.from({ length: count }, (_, at) => agent(from + at));

describe('Claude: marks', () => {
  test('what was seen once is not marked', async () => {
    assert.deepEqual(await sendAll(startStand(claude), [question(1)]), [[]]);
  });

  test('an agent at work is: what it begins with, and its newest block, as soon as its premium may be risked', async () => {
    const marks = await sendAll(startStand(claude), rounds(6));
    assert.deepEqual(marks.slice(0, 2), [[], []]);
    assert.deepEqual(marks[4], ['system.0', 'messages.8.content.0'].slice(marks[3]!.length > 0 ? 1 : 0));
    assert.deepEqual(marks[5], ['messages.10.content.0']);
  });

  test('without leave to lose anything, nothing is written for a conversation that has saved nothing', async () => {
    const marks = await sendAll(startStand({ ...claude, maxLossPercent: 0 }), rounds(12));
    assert.deepEqual(marks.flat(), []);
  });

  test('nor is what many share, but by one that is as good as sure to go on', async () => {
    const begun = (at: number, count: number): readonly object[] =>
      Array.from({ length: count }, (_, round) => agent(round, { messages: [{ role: 'user', content: `Flight ${at}.` }, ...agent(round).messages.slice(1)] })); // prettier-ignore
    const marksAfter = async (calls: number): Promise<readonly string[]> => {
      const stand = startStand({ ...claude, maxLossPercent: 0 });
      for (let at = 0; at < 20; at += 1) assert.deepEqual((await sendAll(stand, begun(at, calls))).flat(), []);
      return (await sendAll(stand, begun(20, 1)))[0]!;
    };
    assert.deepEqual(await marksAfter(1), [], 'conversations of one call');
    assert.deepEqual(await marksAfter(2), ['system.0']);
  });

  test('a call that goes on without marks goes on as it is', async () => {
    const call = callOf('anthropic.messages', question(1));
    assert.equal((await startStand(claude).send(call)).sent, call);
  });

  test('many questions under the same words of the system: these are marked, the questions are not', async () => {
    const marks = await sendAll(startStand(claude), Array.from({ length: 12 }, (_, at) => question(at))); // prettier-ignore
    assert.deepEqual(marks[0], []);
    assert.deepEqual(marks.at(-1), ['system.0']);
  });

  test('not where they come too seldom for any lifetime', async () => {
    const marks = await sendAll(startStand(claude), Array.from({ length: 14 }, (_, at) => question(at)), 5 * 60 * minute); // prettier-ignore
    assert.deepEqual(marks.flat(), []);
  });

  test('gaps of twenty minutes ask for an hour', async () => {
    const marks = await sendAll(startStand({ ...claude, maxLossPercent: 25 }), rounds(14), 20 * minute);
    assert.match(marks.at(-1)!.join(), /messages\.26\.content\.0 1h$/);
  });

  const short = textOf(300);
  test('below the minimum of the model nothing is marked', async () => {
    const marks = await sendAll(startStand(claude), [0, 1, 2].map((at) => agent(at, {}, short))); // prettier-ignore
    assert.deepEqual(marks.flat(), []);
    const large = await sendAll(
      startStand({ ...claude, model: 'claude-haiku-4-5' }),
      [0, 1, 2].map((at) => agent(at, {}, textOf(2000))),
    );
    assert.deepEqual(large.flat(), [], 'from 4,096 tokens on only');
  });

  test('what is read stands within twenty blocks of a mark', async () => {
    const stand = startStand(claude);
    await sendAll(stand, rounds(8));
    const marks = await sendAll(stand, [agent(30)]);
    assert.deepEqual(marks[0], ['messages.14.content.0', 'messages.60.content.0']);
  });

  test('a prompt that changed early is written anew, not read', async () => {
    const stand = startStand(claude);
    await sendAll(stand, rounds(8));
    const [marks] = await sendAll(stand, [agent(8, {}, textOf(3000, 'other'))]);
    assert.ok(!marks!.includes('messages.14.content.0'));
  });

  for (const [what, body] of [
    ['marks in the conversation', agent(9, { messages: [...agent(9).messages, { role: 'user', content: [{ type: 'text', text: 'x', cache_control: { type: 'ephemeral' } }] }] })], // prettier-ignore
    ['a mark of the whole call', agent(9, { cache_control: { type: 'ephemeral' } })],
    [
      'four marks',
      agent(9, {
        tools: Array.from({ length: 4 }, (_, at) => ({ name: `t${at}`, input_schema: {}, cache_control: { type: 'ephemeral' } })),
      }),
    ],
  ] as const)
    test(`a client with ${what} is left alone`, async () => {
      const stand = startStand(claude);
      await sendAll(stand, rounds(8));
      const call = callOf('anthropic.messages', body);
      assert.equal((await stand.send(call)).sent, call);
    });

  test('a client’s mark on its system stays, ours come behind it', async () => {
    const system = [{ type: 'text', text: textOf(3000), cache_control: { type: 'ephemeral' } }];
    const marks = await sendAll(startStand(claude), Array.from({ length: 8 }, (_, at) => agent(at, {}, system))); // prettier-ignore
    assert.deepEqual(marks[0], ['system.0']);
    assert.deepEqual(marks.at(-1), ['system.0', 'messages.14.content.0']);
  });
});

describe('Claude: what a mark leaves', () => {
  test('every other byte, odd spacing, escapes and signatures among them', async () => {
    const stand = startStand(claude);
    await sendAll(stand, rounds(8));
    const odd = JSON.stringify(agent(8)).replace('"Book a flight."', '[ {"type":"text","text":"Book a \\u0066light." , "x" : 1.0} ]');
    const thinking = odd.replace(
      '{"type":"tool_use","id":"t7"',
      '{"type":"thinking","thinking":"hm","signature":"c2lnbmF0dXJl=="},{"type":"tool_use","id":"t7"',
    );
    for (const body of [odd, thinking]) {
      const call = callOf('anthropic.messages', {});
      const { sent } = await stand.send(withBody(call, body));
      const text = sent.body.whole.toString();
      assert.notEqual(text, body);
      const bare = text.replaceAll(/,"cache_control":\{"type":"ephemeral"(?:,"ttl":"1h")?\}/g, '').replaceAll(/"system":\[\{"type":"text","text":("[^"]*")\}\]/g, '"system":$1'); // prettier-ignore
      assert.equal(bare, body);
    }
  });

  test('thoughts are never marked', async () => {
    const stand = startStand(claude);
    await sendAll(stand, rounds(8));
    const body = agent(8, {
      messages: [...agent(8).messages, { role: 'assistant', content: [{ type: 'thinking', thinking: 'x', signature: 's' }] }],
    });
    const marks = marksOf((await stand.send(callOf('anthropic.messages', body))).body);
    assert.ok(marks.length > 0 && !marks.some((mark) => mark.startsWith('messages.17')));
  });
});

function withBody(call: ReturnType<typeof callOf>, json: string): ReturnType<typeof callOf> {
  const parsed = JSON.parse(json) as JsonObject;
  assert.ok(Object.keys(parsed).length > 0);
  return callOf(call.api, { toJSON: () => parsed }).withJson(rawMembers(json));
}

/** The same members, by their bytes. */
function rawMembers(json: string): Record<string, Buffer> {
  const from = json.indexOf('"messages":') + '"messages":'.length;
  return { messages: Buffer.from(json.slice(from, -1)) };
}

describe('savings', () => {
  const usage: Buckets = { input: 100, cacheRead: 3000, cacheWrite5m: 400, output: 5 };

  test('are what the provider told: reads saved, less the premium of writes', async () => {
    const stand = startStand(claude);
    await sendAll(stand, rounds(8));
    const { savings } = await stand.send(callOf('anthropic.messages', agent(8)), usage);
    // 3,000 x 0.9 saved, 400 x 0.25 more: 2,600 tokens at 2 USD a million
    assert.deepEqual(savings, [
      { stage: 'prompt-cache', mode: 'on', rule: 'marks', inputTokens: 0, outputTokens: 0, cost: 5_200_000, basis: 'measured' },
    ]);
  });

  test('a write that nobody read is a loss', async () => {
    const stand = startStand(claude);
    await sendAll(stand, rounds(8));
    const { savings } = await stand.send(callOf('anthropic.messages', agent(8)), { input: 0, cacheWrite5m: 4000 });
    assert.deepEqual(savings.map(({ cost }) => cost), [-2_000_000]); // prettier-ignore
  });

  test('observed, they are estimated and the call stays as it is', async () => {
    const stand = startStand({ ...claude, mode: 'observe' });
    for (const body of rounds(8)) await stand.send(callOf('anthropic.messages', body), { input: 3000 });
    const call = callOf('anthropic.messages', agent(8));
    const { sent, savings } = await stand.send(call, { input: 5000 });
    assert.equal(sent, call);
    assert.equal(savings[0]?.basis, 'estimated');
    assert.ok(Number(savings[0]?.cost) > 0);
  });

  test('a read that was expected and did not come is not expected again', async () => {
    const stand = startStand(claude);
    await sendAll(stand, [...Array.from({ length: 11 }, (_, at) => question(at)), question(10)]);
    const { body } = await stand.send(callOf('anthropic.messages', question(11)), { input: 3000 });
    assert.deepEqual(marksOf(body), ['system.0']);
  });
});
