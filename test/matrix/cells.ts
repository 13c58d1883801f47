import assert from 'node:assert/strict';
import type { CallRecord } from '../../src/core/record.ts';
import { inputOf, outputOf, type Stand } from '../harness.ts';
import { emulated, metered } from '../metered.ts';
import { anthropicClient } from './anthropic.ts';
import type { Answer, Conversation, MatrixClient, Question } from './conversation.ts';
import { googleClient } from './google.ts';
import { openaiChatClient } from './openai-chat.ts';
import { openaiResponsesClient } from './openai-responses.ts';
import type { Upstream } from './upstreams.ts';

export const clients: readonly MatrixClient[] = [openaiChatClient, openaiResponsesClient, anthropicClient, googleClient];

export const scenarios = [
  'chat',
  'stream',
  'tool loop',
  'parallel tools',
  'image',
  'structured output',
  'reasoning',
  'error',
  'abort',
] as const;
export type Scenario = (typeof scenarios)[number];

export interface Pair {
  readonly stand: Stand;
  readonly client: MatrixClient;
  readonly upstream: Upstream;
}

/** What of a cell's calls did not reach the provider. */
export type Outcome = readonly string[];

/** Runs one cell. @throws when the client does not get what it asked for, or the ledger is not the bill */
export function runCell(pair: Pair, scenario: Scenario): Promise<Outcome> {
  return cells[scenario](pair);
}

const cells: Readonly<Record<Scenario, (pair: Pair) => Promise<Outcome>>> = {
  chat: (pair) => hello(pair, false),
  stream: (pair) => hello(pair, true),
  'tool loop': async (pair) => [...(await toolLoop(pair, false)), ...(await toolLoop(pair, true))],
  'parallel tools': async (pair) => [...(await parallel(pair, false)), ...(await parallel(pair, true))],
  image: (pair) =>
    asked(
      pair,
      { stream: false },
      (conversation) => conversation.user('What is this?', 'data'),
      ({ text }) => assert.match(text, emulated),
    ),
  'structured output': async (pair) => [...(await structured(pair, false)), ...(await structured(pair, true))],
  reasoning: async (pair) => [...(await thinking(pair, false)), ...(await thinking(pair, true))],
  error: async (pair) => [...(await failing(pair, false)), ...(await failing(pair, true)), ...(await failingLate(pair))],
  abort: leaving,
};

const open = ({ stand, client, upstream }: Pair, headers: Readonly<Record<string, string>> = {}, app = ''): Conversation =>
  client.open({ url: `${stand.url}${app}`, model: `${upstream.provider('http://x').name}/${upstream.model}`, headers });

const expected = ({ client, upstream }: Pair, stream: boolean, calls: number) => ({
  api: client.api,
  model: `${upstream.provider('http://x').name}/${upstream.model}`,
  stream,
  calls,
  client: client.label,
});

/** One question. */
async function asked(
  pair: Pair,
  question: Question,
  prepare: (conversation: Conversation) => void,
  check: (answer: Answer, record: CallRecord) => void,
): Promise<Outcome> {
  const { answer, records } = await metered(pair.stand, expected(pair, question.stream, 1), () => {
    const conversation = open(pair);
    prepare(conversation);
    return conversation.ask(question);
  });
  check(answer, records[0]!);
  checkUsage(answer, records[0]!);
  return droppedOf(pair, records);
}

/** The client sees the provider's counts, in its own convention. */
function checkUsage({ input, output }: Answer, { buckets }: CallRecord): void {
  assert.deepEqual({ input, output }, { input: inputOf(buckets), output: outputOf(buckets) });
}

function droppedOf({ client, upstream }: Pair, records: readonly CallRecord[]): Outcome {
  return records.flatMap(({ attempts }) =>
    attempts.flatMap(({ upstreamApi, dropped }) => {
      assert.equal(upstreamApi, client.api === upstream.api ? undefined : upstream.api);
      return dropped ?? [];
    }),
  );
}

const hello = (pair: Pair, stream: boolean): Promise<Outcome> =>
  asked(
    pair,
    { stream },
    (conversation) => conversation.user('Hello'),
    ({ text, calls }) => {
      assert.match(text, emulated);
      assert.deepEqual(calls, []);
    },
  );

/** The model calls a tool, gets its answer, and ends. */
async function toolLoop(pair: Pair, stream: boolean): Promise<Outcome> {
  const { answer, records } = await metered(pair.stand, expected(pair, stream, 2), async () => {
    const conversation = open(pair);
    conversation.user('Use get_weather for Rome');
    const first = await conversation.ask({ stream, tools: true });
    conversation.results(first.calls.map((use) => ({ use, text: '30 degrees' })));
    return { first, second: await conversation.ask({ stream, tools: true }) };
  });
  const [use] = answer.first.calls;
  assert.deepEqual([answer.first.calls.length, use?.name, Object.keys(use?.arguments ?? {})], [1, 'get_weather', ['city']]);
  assert.match(answer.second.text, emulated);
  assert.deepEqual(
    records.map(({ finishReason }) => finishReason),
    ['tool_calls', 'stop'],
  );
  for (const [at, record] of records.entries()) checkUsage(at === 0 ? answer.first : answer.second, record);
  return droppedOf(pair, records);
}

async function parallel(pair: Pair, stream: boolean): Promise<Outcome> {
  const { answer, records } = await metered(pair.stand, expected(pair, stream, 2), async () => {
    const conversation = open(pair);
    conversation.user('Use get_weather and get_time for Rome');
    const first = await conversation.ask({ stream, tools: true });
    conversation.results(first.calls.map((use) => ({ use, text: `from ${use.name}` })));
    return { first, second: await conversation.ask({ stream, tools: true }) };
  });
  assert.deepEqual(
    answer.first.calls.map(({ name, arguments: given }) => [name, Object.keys(given)]),
    [
      ['get_weather', ['city']],
      ['get_time', ['city']],
    ],
  );
  assert.match(answer.second.text, emulated);
  return droppedOf(pair, records);
}

const structured = (pair: Pair, stream: boolean): Promise<Outcome> =>
  asked(
    pair,
    { stream, schema: true },
    (conversation) => conversation.user('Weather in Rome as JSON'),
    ({ text }) => {
      const value = JSON.parse(text) as Readonly<Record<string, unknown>>;
      assert.deepEqual([typeof value['city'], typeof value['degrees'], Object.keys(value).length], ['string', 'number', 2]);
    },
  );

const thinking = (pair: Pair, stream: boolean): Promise<Outcome> =>
  asked(
    pair,
    { stream, reasoning: true },
    (conversation) => conversation.user('Think about it'),
    ({ text, reasoning }, { buckets }) => {
      assert.match(text, emulated);
      if (!pair.upstream.hidesReasoningCount) assert.ok(buckets.reasoning! > 0, 'the provider was asked to think');
      const mayShow = pair.upstream.showsReasoning && pair.client.api !== 'openai.chat'; // its clients cannot ask for thoughts
      if (mayShow) assert.ok(reasoning.length > 0, 'the client sees the thoughts');
    },
  );

/** The provider's error has its status and its message, in the class the client's SDK has for it. */
async function failing(pair: Pair, stream: boolean): Promise<Outcome> {
  const known = (await pair.stand.records(0)).length;
  const conversation = open(pair, { 'x-emulator-fault': 'status-400' });
  conversation.user('Hello');
  await assert.rejects(conversation.ask({ stream }), (error: Error & { readonly status?: number }) => {
    assert.equal(error.status, 400, String(error));
    assert.match(error.message, /\[emulator\]/);
    return true;
  });
  const records = (await pair.stand.records(known + 1)).slice(known);
  assert.deepEqual(
    records.map(({ outcome, status, cost }) => [outcome, status, cost.total]),
    [['failed', 400, 0]],
  );
  return droppedOf(pair, records);
}

/** An error in the middle of a stream is an error for the client too, never a clean end; what came before it is billed. */
async function failingLate(pair: Pair): Promise<Outcome> {
  const known = (await pair.stand.records(0)).length;
  const conversation = open(pair, { 'x-emulator-fault': 'error-event' });
  conversation.user('Tell me a long story');
  await assert.rejects(conversation.ask({ stream: true }));
  const records = (await pair.stand.records(known + 1)).slice(known);
  assert.deepEqual(
    records.map(({ outcome, status }) => [outcome, status]),
    [['failed', 200]],
  );
  return droppedOf(pair, records);
}

/** The client leaves in the middle of a stream; the gateway reads on, as this app's policy says, and books what was billed. */
async function leaving(pair: Pair): Promise<Outcome> {
  const before = (await pair.stand.records(0)).length;
  const billed = pair.stand.emulator.bill().calls.length;
  const conversation = open(pair, {}, '/c/drains');
  conversation.user('Tell me a long story');
  await assert.rejects(conversation.ask({ stream: true, leave: true }));
  const [record, ...more] = (await pair.stand.records(before + 1)).slice(before);
  const [entry, ...others] = pair.stand.emulator.bill().calls.slice(billed);
  assert.deepEqual([more.length, others.length], [0, 0]);
  assert.deepEqual([record!.cost.total, record!.usageSource], [Number(entry!.costNanoUsd), 'provider']);
  return droppedOf(pair, [record!]);
}
