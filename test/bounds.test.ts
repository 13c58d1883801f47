import assert from 'node:assert/strict';
import { join } from 'node:path';
import { suite, test, type TestContext } from 'node:test';
import { Spender, type Hold, type Want } from '../src/allowance/spender.ts';
import type { Conversation } from '../src/cli/replay/conversation.ts';
import { readRecording, readSamples } from '../src/cli/replay/recording.ts';
import { replay } from '../src/cli/replay/replay.ts';
import { senderTo } from '../src/cli/replay/send.ts';
import { startStand } from './harness.ts';

/** The folder of recorded data; without it only the bundled samples are sent. */
const data = process.env['MODICUM_DATA'];
const apis = ['chat', 'responses', 'messages', 'generate'] as const;

interface Reserved {
  readonly most: number;
  readonly used: number;
}

/** What each call reserved and used, of money and of input tokens. */
async function reservedBy(t: TestContext, conversations: readonly Conversation[], api: (typeof apis)[number], cache: boolean) {
  const money: Reserved[] = [];
  const input: Reserved[] = [];
  const reserveNow = Object.getOwnPropertyDescriptor(Spender.prototype, 'reserveNow')!.value as (
    this: Spender,
    wants: readonly Want[],
  ) => Hold | undefined;
  t.mock.method(Spender.prototype, 'reserveNow', function watched(this: Spender, wants: readonly Want[]): Hold | undefined {
    const hold = reserveNow.call(this, wants);
    return (
      hold && {
        settle: (used) => {
          for (const [index, { account, amount }] of wants.entries())
            (account.id.startsWith('budget/') ? money : input).push({ most: amount, used: used[index]! });
          hold.settle(used);
        },
      }
    );
  });
  const stand = await startStand(t, {
    config: {
      budgets: [{ name: 'money', limit: { usd: 100_000 }, window: 'total' }],
      limits: [{ name: 'input', inputTokens: 1e12, per: 'hour' }],
    },
  });
  const sender = senderTo(new URL(stand.url), 4);
  const summary = await replay(conversations, {
    sender,
    progress: { step: () => {}, note: () => {}, end: () => {} },
    signal: new AbortController().signal,
    options: { api, model: undefined, app: undefined, stream: false, cache, concurrency: 4, run: 'test' },
  });
  await sender.close();
  await stand.records(summary.calls);
  assert.deepEqual([summary.failed, money.length, input.length], [0, summary.calls, summary.calls]);
  return { money, input };
}

function assertBounded(t: TestContext, of: string, reserved: readonly Reserved[]): void {
  const over = reserved.filter(({ most, used }) => used > most);
  assert.deepEqual(over, [], `${of}: ${over.length} of ${reserved.length} used more than was reserved`);
  const ratios = reserved.map(({ most, used }) => most / Math.max(1, used)).sort((a, b) => a - b);
  t.diagnostic(
    `${of}: reserved ${ratios[0]!.toFixed(2)} times what was used at least, ${ratios[ratios.length >> 1]!.toFixed(1)} in the middle`,
  );
}

suite('no call uses more than was reserved for it', () => {
  for (const api of apis)
    for (const cache of [false, true])
      test(`bundled samples by ${api}${cache ? ', cached' : ''}`, async (t) => {
        const { money, input } = await reservedBy(t, await readSamples(), api, cache);
        assertBounded(t, 'money', money);
        assertBounded(t, 'input tokens', input);
      });
});

suite('nor in 138 transcripts of agents', { skip: data === undefined && 'MODICUM_DATA is not set' }, () => {
  for (const api of apis)
    test(api, async (t) => {
      const transcripts = await readRecording(join(data!, 'context/agents/transcripts.jsonl.gz'), 'transcripts.jsonl.gz');
      const { money, input } = await reservedBy(t, transcripts, api, true);
      assertBounded(t, 'money', money);
      assertBounded(t, 'input tokens', input);
    });
});
