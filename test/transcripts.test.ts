import assert from 'node:assert/strict';
import { join } from 'node:path';
import { suite, test, type TestContext } from 'node:test';
import type { Conversation } from '../src/cli/replay/conversation.ts';
import { readRecording, readSamples } from '../src/cli/replay/recording.ts';
import { replay } from '../src/cli/replay/replay.ts';
import { senderTo } from '../src/cli/replay/send.ts';
import type { Summary } from '../src/cli/replay/summary.ts';
import type { BillTotals } from '../src/emulator/bill/bill.ts';
import type { ReportRow } from '../src/ledger/figures.ts';
import { assertSameAsBill, startStand, type Stand } from './harness.ts';

/** The folder of recorded data; without it only the bundled samples are replayed. */
const data = process.env['MODICUM_DATA'];

interface Way {
  readonly api?: 'chat' | 'responses' | 'messages' | 'generate';
  readonly model?: string;
  readonly stream: boolean;
}

async function replayed(stand: Stand, conversations: readonly Conversation[], { api, model, stream }: Way): Promise<Summary> {
  const sender = senderTo(new URL(stand.url), 4);
  const notes: string[] = [];
  try {
    const summary = await replay(conversations, {
      sender,
      progress: { step: () => {}, note: (line) => void notes.push(line), end: () => {} },
      signal: new AbortController().signal,
      options: { api, model, app: undefined, stream, cache: true, concurrency: 4, run: 'test' },
    });
    assert.deepEqual(notes, []);
    return summary;
  } finally {
    await sender.close();
  }
}

/** Ledger, report and bill agree: call by call, by model and in total. */
async function assertLedgerIsBill(t: TestContext, stand: Stand, summary: Summary): Promise<void> {
  const records = await stand.records(summary.calls);
  const bill = stand.emulator.bill();
  assert.deepEqual([summary.failed, summary.withoutUsage, records.length], [0, 0, summary.calls]);
  assertSameAsBill(records, bill);
  const { rows, totals } = stand.report(['model']);
  assert.deepEqual(
    new Map(rows.map((row) => [row.key, figuresOf(row)])),
    new Map(Object.entries(bill.byModel).map(([model, each]) => [model, billed(each)])),
  );
  assert.deepEqual(figuresOf(totals), billed(bill.totals));
  assert.deepEqual([totals.estimatedCalls, totals.unpricedCalls, totals.failed], [0, 0, 0]);
  t.diagnostic(
    `${summary.calls} calls of ${summary.conversations} conversations, ${totals.costUsd} USD, equal to the bill; 0 estimated, 0 unpriced`,
  );
}

type Figures = Omit<ReportRow, 'key' | 'keys'>;

const figuresOf = ({ calls, inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens, reasoningTokens, costUsd }: Figures) => ({
  calls,
  inputTokens,
  cacheReadTokens,
  cacheWriteTokens,
  outputTokens,
  reasoningTokens,
  costNanoUsd: nanoOf(costUsd!),
});

const billed = ({ calls, buckets, costNanoUsd }: BillTotals) => {
  const sum = (pattern: RegExp): number =>
    Object.entries(buckets).reduce((total, [bucket, count]) => (pattern.test(bucket) ? total + count : total), 0);
  return {
    calls,
    inputTokens: sum(/^input/),
    cacheReadTokens: sum(/^cacheRead/),
    cacheWriteTokens: sum(/^cacheWrite/),
    outputTokens: sum(/^output/),
    reasoningTokens: sum(/^reasoning/),
    costNanoUsd,
  };
};

/** `'1.25'` USD as nano-USD, digit by digit. */
function nanoOf(usd: string): bigint {
  const [whole = '', fraction = ''] = usd.split('.');
  return BigInt(whole + fraction.padEnd(9, '0'));
}

suite('bundled samples through gateway and emulator: the ledger is the bill', () => {
  for (const stream of [false, true])
    for (const api of [undefined, 'chat', 'responses', 'messages', 'generate'] as const)
      test(`${api ?? 'as recorded'}, ${stream ? 'streamed' : 'whole'}`, async (t) => {
        const stand = await startStand(t);
        const summary = await replayed(stand, await readSamples(), { ...(api && { api }), stream });
        assert.ok(summary.calls > 0);
        await assertLedgerIsBill(t, stand, summary);
      });
});

suite('138 transcripts of agents: the ledger is the bill', { skip: data === undefined && 'MODICUM_DATA is not set' }, () => {
  const ways: readonly Way[] = [
    { api: 'chat', stream: false },
    { api: 'chat', stream: true },
    { api: 'chat', model: 'gpt-5.6-sol', stream: true },
    { api: 'responses', stream: false },
    { api: 'responses', stream: true },
    { api: 'messages', stream: false },
    { api: 'messages', model: 'claude-sonnet-5-5', stream: true },
    { api: 'generate', stream: false },
    { api: 'generate', stream: true },
  ];
  for (const way of ways)
    test(`${way.api}, ${way.model ?? 'its model'}, ${way.stream ? 'streamed' : 'whole'}`, async (t) => {
      const transcripts = await readRecording(join(data!, 'context/agents/transcripts.jsonl.gz'), 'transcripts.jsonl.gz');
      assert.equal(transcripts.length, 138);
      const stand = await startStand(t);
      await assertLedgerIsBill(t, stand, await replayed(stand, transcripts, way));
    });
});
