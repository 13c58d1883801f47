import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readConversation } from './conversation.ts';
import { progressOf } from './progress.ts';
import { replay, type ReplayOptions } from './replay.ts';
import { maxScriptBytes, scriptHeader, type Job, type Sender, type Sent } from './send.ts';

const conversation = (id: string, answers: readonly string[], hints: object = {}) =>
  readConversation(
    { id, messages: answers.flatMap((answer) => [{ role: 'user', content: 'q' }, { role: 'assistant', content: answer }]), ...hints },
    1,
  ); // prettier-ignore

const open: ReplayOptions = {
  api: undefined,
  model: undefined,
  app: undefined,
  stream: undefined,
  cache: undefined,
  concurrency: 1,
  run: 'r1',
};

async function replayed(
  conversations: readonly ReturnType<typeof conversation>[],
  {
    options = {},
    answer = () => ({ ok: true, buckets: {}, emulated: true }),
  }: { options?: Partial<ReplayOptions>; answer?: (job: Job) => Sent } = {},
) {
  const jobs: Job[] = [];
  const notes: string[] = [];
  const stop = new AbortController();
  const sender: Sender = {
    send: async (job) => {
      jobs.push(job);
      await Promise.resolve();
      return answer(job);
    },
    close: () => Promise.resolve(),
  };
  const progress = { step: () => {}, note: (line: string) => void notes.push(line), end: () => {} };
  const summary = await replay(conversations, { sender, progress, signal: stop.signal, options: { ...open, ...options } });
  return { jobs, notes, summary };
}

test('turns of a conversation follow each other, with one session and task', async () => {
  const { jobs, summary } = await replayed([conversation('c1', ['one', 'two'], { app: 'shop', user: 'u' })]);
  assert.deepEqual(
    jobs.map(({ turn, labels }) => [turn.reply.content, labels]),
    ['one', 'two'].map((answer) => [answer, { app: 'shop', feature: undefined, user: 'u', session: 'c1-r1', task: 'c1' }]),
  );
  assert.deepEqual([summary.conversations, summary.calls, summary.failed], [1, 2, 0]);
});

for (const [what, hints, options, expected] of [
  ['nothing said: chat with its default model', {}, {}, ['openai.chat', 'gpt-5-mini', false, false, 'replay']],
  ['as recorded', { api: 'messages', model: 'claude-opus-5-5', stream: true, cache: true, app: 'a' }, {}, ['anthropic.messages', 'claude-opus-5-5', true, true, 'a']],
  ['another API than recorded: its own default model', { api: 'messages', model: 'claude-opus-5-5' }, { api: 'generate' }, ['google.generate_content', 'gemini-2.5-flash', false, false, 'replay']],
  ['the same API: the recorded model', { api: 'messages', model: 'claude-opus-5-5' }, { api: 'messages' }, ['anthropic.messages', 'claude-opus-5-5', false, false, 'replay']],
  ['options of the command line win', { model: 'x', stream: true, cache: true, app: 'a' }, { model: 'y', stream: false, cache: false, app: 'b' }, ['openai.chat', 'y', false, false, 'b']],
] as const) {
  test(`asked for: ${what}`, async () => {
    const { jobs } = await replayed([conversation('c', ['a'], hints)], { options });
    const [{ api, asking, labels }] = jobs as [Job];
    assert.deepEqual([api.api, asking.model, asking.stream, asking.cache, labels['app']], expected);
  });
} // prettier-ignore

test('the recorded answers are told until a reply shows that no emulator is behind', async () => {
  const { jobs } = await replayed([conversation('c', ['one', 'two', 'three'])], {
    answer: () => ({ ok: true, buckets: {}, emulated: false }),
  });
  assert.deepEqual(
    jobs.map(({ script }) => script),
    [true, false, false],
  );
});

test('several conversations are under way at one time, as many as allowed', async () => {
  const conversations = ['a', 'b', 'c'].map((id) => conversation(id, ['1', '2']));
  const order = async (concurrency: number) =>
    (await replayed(conversations, { options: { concurrency } })).jobs.map(({ turn }) => turn.conversation.id + turn.reply.content);
  assert.deepEqual(await order(1), ['a1', 'a2', 'b1', 'b2', 'c1', 'c2']);
  assert.deepEqual((await order(2)).slice(0, 2), ['a1', 'b1']);
});

test('a failed call is told and counted, and the conversation goes on', async () => {
  const answer = ({ turn }: Job): Sent =>
    turn.reply.content === 'one' ? { ok: false, problem: 'status 500: no', buckets: {} } : { ok: true, buckets: { input: 5, cacheRead: 7, output: null, reasoning: 2 } };
  const { summary, notes } = await replayed([conversation('c', ['one', 'two'])], { answer });
  assert.deepEqual([summary.calls, summary.failed, notes], [2, 1, ['c: status 500: no']]);
  assert.deepEqual([summary.inputTokens, summary.cacheReadTokens, summary.outputTokens, summary.reasoningTokens], [5, 7, 0, 2]);
}); // prettier-ignore

test('an answer that fits into a header is told, a longer one is not', async () => {
  const fitting = (length: number) => scriptHeader({ role: 'assistant', content: 'x'.repeat(length), toolCalls: [] });
  const frame = JSON.stringify({ content: '', tool_calls: [] }).length;
  const most = (maxScriptBytes / 4) * 3 - frame;
  assert.deepEqual([fitting(most)?.length, fitting(most + 1)], [maxScriptBytes, undefined]);
  assert.equal((await replayed([conversation('c', ['x'.repeat(most + 1)])])).summary.unscripted, 1);
});

test('progress: count, share, rate and time left, a line now and then', () => {
  let ms = 0;
  let text = '';
  const progress = progressOf({ total: 4, what: 'calls', isTerminal: false, write: (line) => void (text += line), now: () => ms });
  for (const failed of [false, false, true]) {
    ms += 3000;
    progress.step(failed);
  }
  progress.note('c: refused');
  ms += 1000;
  progress.step(false);
  progress.end();
  assert.equal(text, '2/4 calls (50%), 0.3/s, 6.00s left\nc: refused\n4/4 calls (100%), 0.4/s, 1 failed\n');
});

test('progress on a terminal writes over one line', () => {
  let ms = 0;
  let text = '';
  const progress = progressOf({ total: 2, what: 'calls', isTerminal: true, write: (line) => void (text += line), now: () => ms });
  ms = 100;
  progress.step(false);
  ms = 150;
  progress.step(false);
  progress.end();
  assert.equal(text, '\r\u001b[2K1/2 calls (50%), 10/s, 100ms left\r\u001b[2K2/2 calls (100%), 13/s\n');
});
