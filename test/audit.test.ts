import assert from 'node:assert/strict';
import { join } from 'node:path';
import { suite, test, type TestContext } from 'node:test';
import { auditOf } from '../src/audit/read/testing.ts';
import type { Row, Sums } from '../src/audit/totals.ts';
import { readRecording, readSamples } from '../src/cli/replay/recording.ts';
import { replay } from '../src/cli/replay/replay.ts';
import { senderTo } from '../src/cli/replay/send.ts';
import type { Conversation } from '../src/cli/replay/conversation.ts';
import type { Figures } from '../src/ledger/figures.ts';
import { usd } from '../src/ledger/money.ts';
import { startStand, type Stand } from './harness.ts';

/** The folder of recorded data; without it only the bundled samples are replayed. */
const data = process.env['MODICUM_DATA'];

/** An audit's sums in the words of a report. */
const asReported = ({
  calls,
  failed,
  input,
  cacheRead,
  cacheWrite,
  output,
  reasoning,
  cost,
  unpricedCalls,
  estimatedCalls,
  incompleteCalls,
}: Sums) => ({
  calls,
  failed,
  inputTokens: input,
  cacheReadTokens: cacheRead,
  cacheWriteTokens: cacheWrite,
  outputTokens: output,
  reasoningTokens: reasoning,
  costUsd: cost === null ? null : usd(BigInt(cost)),
  unpricedCalls,
  estimatedCalls,
  incompleteCalls,
});

const reported = ({ calls, failed, inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens, reasoningTokens, costUsd, unpricedCalls, estimatedCalls, incompleteCalls }: Figures) => ({ calls, failed, inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens, reasoningTokens, costUsd, unpricedCalls, estimatedCalls, incompleteCalls }); // prettier-ignore

const byKey = (rows: readonly Row[]) => new Map(rows.map((row) => [row.key, asReported(row)]));

/** Totals, and rows by model, app, day and part, are the report's to the last digit. */
async function assertAuditIsReport(
  t: TestContext,
  stand: Stand,
  conversations: readonly Conversation[],
  api: 'chat' | 'messages',
): Promise<void> {
  const sender = senderTo(new URL(stand.url), 4);
  const options = { api, model: undefined, app: undefined, stream: true, cache: true, concurrency: 4, run: 'audit' };
  const progress = { step: () => {}, note: () => {}, end: () => {} };
  const summary = await replay(conversations, { sender, progress, signal: new AbortController().signal, options });
  await sender.close();
  await stand.records(summary.calls);
  const { totals, findings } = await auditOf(stand.dataDir);
  assert.deepEqual(asReported(totals.all), reported(stand.report(['model']).totals));
  for (const [key, rows] of [
    ['model', totals.byModel],
    ['app', totals.byApp],
    ['day', totals.byDay],
  ] as const)
    // prettier-ignore
    assert.deepEqual(byKey(rows), new Map(stand.report([key]).rows.map((row) => [row.key, reported(row)])));
  assert.deepEqual(new Map(totals.byPart.map(({ part, tokens }) => [part, tokens])), new Map(stand.report(['part']).rows.map(({ key, partTokens }) => [key, partTokens]))); // prettier-ignore
  t.diagnostic(`${totals.all.calls} calls, ${usd(BigInt(totals.all.cost!))} USD, equal to the report; ${findings.length} findings`);
}

suite('the audit of a ledger is its report', () => {
  for (const api of ['chat', 'messages'] as const)
    test(`bundled samples, ${api}`, async (t) => assertAuditIsReport(t, await startStand(t), await readSamples(), api));
});

suite('138 transcripts of agents: the audit is the report', { skip: data === undefined && 'MODICUM_DATA is not set' }, () => {
  for (const api of ['chat', 'messages'] as const)
    test(api, async (t) => {
      const transcripts = await readRecording(join(data!, 'context/agents/transcripts.jsonl.gz'), 'transcripts.jsonl.gz');
      await assertAuditIsReport(t, await startStand(t), transcripts, api);
    });
});
