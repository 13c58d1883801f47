import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { CallRecord } from '../core/record.ts';
import type { NanoUsd } from '../core/usage.ts';
import { call, cost, temporaryDir } from '../ledger/fixtures.ts';
import { reportKeys } from '../ledger/keys.ts';
import { report } from '../ledger/report.ts';
import { csvField } from './csv.ts';
import { painter } from './terminal.ts';
import { textWidth } from './table.ts';
import { ledgerWith, ran } from './testing.ts';

const nine = Date.UTC(2026, 10, 25, 9);
const nano = (value: number): NanoUsd => value as NanoUsd;

const calls: readonly CallRecord[] = [
  call({
    at: nine,
    labels: { app: 'shop', user: 'mila' },
    buckets: { input: 1200, cacheRead: 250_000, cacheWrite5m: 3000, output: 400, reasoning: 90 },
    cost: cost(123_450_000, { input: nano(3_600_000), cacheRead: nano(75_000_000), output: nano(44_850_000) }),
    parts: { system: 200_000, tools: 30_000, history: 20_000, user: 4200 },
    durationMs: 2500,
  }),
  call({
    at: nine + 60_000,
    labels: { app: 'desk', user: 'ümit, "chef"' },
    model: 'gpt-5-mini',
    provider: 'openai',
    buckets: { input: 800, output: 100 },
    cost: cost(400_000, { input: nano(200_000), output: nano(200_000) }),
    parts: { system: 500, user: 300 },
    durationMs: 850,
  }),
  call({ at: nine + 120_000, labels: { app: 'desk' }, model: 'gpt-5-mini', provider: 'openai', outcome: 'failed', status: 429, buckets: {}, cost: cost(0), durationMs: 40 }),
  call({ at: nine + 180_000, labels: { app: 'lab' }, model: 'own-7b', provider: 'relay', buckets: { input: 500, output: 60 }, cost: cost(null), parts: { user: 500 }, durationMs: 1000 }),
]; // prettier-ignore

const golden = async (context: TestContext, columns: number, ...argv: readonly string[]): Promise<string> => {
  const dir = await ledgerWith(context, calls);
  const { code, out, err } = await ran(['report', '--data', dir, ...argv], { columns });
  assert.deepEqual({ code, err }, { code: 0, err: '' });
  for (const line of tableLines(out)) assert.ok(textWidth(line) <= columns, line);
  return out.replace(/as of \d{4}-\d\d-\d\d/, 'as of DATE');
};
/** Notes below the table are sentences and may wrap. */
const tableLines = (out: string): readonly string[] => out.split('\n\n').slice(0, 2).join('\n').split('\n');

test('by model, 100 columns', async (context) => {
  assert.equal(
    await golden(context, 100),
    `Cost and tokens by model, 2026-11-25 09:00 to 09:03 UTC

model                 cost  fresh  cached  written  output  reasoning  calls  failed  unpriced
claude-sonnet-4-5  $0.1235  1,200    250k    3,000     400         90      1       0         0
gpt-5-mini         $0.0004    800       0        0     100          0      2       1         0
own-7b             unknown    500       0        0      60          0      1       0         1
----------------------------------------------------------------------------------------------
total              $0.1239  2,500    250k    3,000     560         90      4       1         1

1 call has no known price and is not in the cost: own-7b at relay (1).
  Give it one in modicum.yaml, in USD per million tokens, then run \`npm run -s modicum -- reprice\`:
  models: { "own-7b": { provider: relay, prices: { input: 0.5, output: 1.5 } } }
1 call of 4 did not end well; --by outcome tells how.
Prices as of DATE; \`npm run -s modicum -- prices MODEL\` shows them.
`,
  );
});

test('by model, 80 columns: all kinds of tokens stay, less important columns go', async (context) => {
  const [, , head, first] = (await golden(context, 80)).split('\n');
  assert.deepEqual(head!.split(/\s+/), ['model', 'cost', 'fresh', 'cached', 'written', 'output', 'reasoning', 'calls']);
  assert.match(first!, /^claude-sonnet-4/);
});

test('no figure adds kinds of tokens up', async (context) => {
  const out = await golden(context, 200);
  assert.doesNotMatch(out, /tokens +\d|254,?2/);
  assert.match(out, /fresh +cached +written +output +reasoning/);
});

test('by part: shares, bars, and the output beside them', async (context) => {
  assert.equal(
    (await golden(context, 80, '--by', 'part', '--filter', 'app=shop')).split('Prices')[0],
    `Where the input tokens go, 2026-11-25 09:00 to 09:00 UTC

part of the input  share                               cost  fresh  cached
system prompt      78.7%  ████████████████████████  $0.0618    944    197k
tool definitions   11.8%  ███▌                      $0.0093    141  29,504
history             7.9%  ██▌                       $0.0062     95  19,670
new user turn       1.7%  ▌                         $0.0013     20   4,131

Beside the input: 400 output tokens for $0.0449, 90 reasoning tokens for $0.0000.
`,
  );
});

test('several keys, and what is not set', async (context) => {
  const dir = await ledgerWith(context, calls);
  const { out } = await ran(['report', '--data', dir, '--by', 'app,user']);
  assert.match(out, /^app \/ user /m);
  assert.match(out, /^shop \/ mila /m);
  assert.match(out, /^desk \/ - /m);
});

test('colours only where the terminal shows them', async (context) => {
  const dir = await ledgerWith(context, calls);
  const plain = await ran(['report', '--data', dir]);
  const coloured = await ran(['report', '--data', dir], { paint: painter(true) });
  assert.equal(plain.out.includes('\u001b['), false);
  assert.ok(coloured.out.includes('\u001b[32m'));
});

test('--json is the ledger’s report, whole', async (context) => {
  const dir = await ledgerWith(context, calls);
  const { out } = await ran(['report', '--data', dir, '--by', 'app', '--since', '2026-11-25', '--json']);
  assert.deepEqual(JSON.parse(out), report(dir, { by: ['app'], since: Date.UTC(2026, 10, 25) }));
});

test('--csv has a column a key, exact figures, and quotes what needs it', async (context) => {
  const dir = await ledgerWith(context, calls);
  const { out } = await ran(['report', '--data', dir, '--by', 'user,model', '--csv', '--filter', 'app=desk', '--filter', 'outcome=ok']);
  const [head, row, end] = out.split('\r\n');
  assert.match(head!, /^user,model,costUsd,inputTokens,cacheReadTokens,cacheWriteTokens,outputTokens,reasoningTokens,calls,failed,/);
  assert.match(row!, /^"ümit, ""chef""",gpt-5-mini,0\.0004,800,0,0,100,0,1,0,/);
  assert.equal(end, '');
});

for (const [value, expected] of [
  [null, ''],
  [12, '12'],
  ['plain', 'plain'],
  ['a,b', '"a,b"'],
  ['say "hi"', '"say ""hi"""'],
  ['two\nlines', '"two\nlines"'],
  [' spaced', '" spaced"'],
] as const) {
  test(`CSV: ${JSON.stringify(value)} is written ${expected}`, () => assert.equal(csvField(value), expected));
}

test('rows beyond the limit are counted, 0 shows all', async (context) => {
  const dir = await ledgerWith(context, calls);
  const limited = (await ran(['report', '--data', dir, '--limit', '2'])).out;
  assert.match(limited, /^1 more row; --limit 0 shows all\.$/m);
  assert.doesNotMatch(limited, /^own-7b/m);
  assert.match((await ran(['report', '--data', dir, '--limit', '0'])).out, /^own-7b/m);
});

for (const [what, gone] of [
  ['an empty directory', false],
  ['no directory', true],
] as const) {
  test(`${what}: says what to do, and is no error`, async (context) => {
    const dir = temporaryDir(context);
    if (gone) rmSync(dir, { recursive: true });
    const { code, out, err } = await ran(['report', '--data', dir]);
    assert.deepEqual([code, out], [0, '']);
    assert.match(err, /No calls are recorded in .*\n.*serve.*\n.*replay samples/);
    const empty = JSON.parse((await ran(['report', '--data', dir, '--json'])).out) as Record<string, unknown>;
    assert.deepEqual([empty['rows'], empty['from'], empty['by']], [[], null, ['model']]);
    assert.match((await ran(['report', '--data', dir, '--csv'])).out, /^model,costUsd,[^\n]*\r\n$/);
  });
}

test('the figures of an empty ledger are those of the ledger itself', async (context) => {
  const dir = await ledgerWith(context, []);
  const own = JSON.parse((await ran(['report', '--data', join(dir, 'other'), '--json'])).out) as unknown;
  assert.deepEqual(own, report(dir, { by: ['model'] }));
});

test('a time or filter that fits nothing is told as that', async (context) => {
  const dir = await ledgerWith(context, calls);
  assert.match((await ran(['report', '--data', dir, '--filter', 'app=none'])).err, /fits the time and the filters/);
});

test('the help names every key of a report', async () => {
  const { out } = await ran(['help', 'report']);
  for (const key of reportKeys) assert.ok(out.includes(key), key);
});
