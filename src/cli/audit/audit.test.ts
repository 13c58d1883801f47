import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test, type TestContext } from 'node:test';
import type { Json } from '../../core/json.ts';
import { temporaryDir } from '../../ledger/fixtures.ts';
import { ran } from '../testing.ts';

const reply = (at: number, input: number, output: number): Json => ({
  object: 'chat.completion',
  created: at,
  model: 'gpt-5.5',
  choices: [{ index: 0, message: { role: 'assistant', content: 'yes' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: input, completion_tokens: output, total_tokens: input + output },
});

/** Five identical calls and one of another day, in a folder of their own. */
function recorded(context: TestContext): string {
  const dir = temporaryDir(context);
  const request = { model: 'gpt-5.5', messages: [{ role: 'user', content: 'Is <b>it</b> so?' }] };
  const same = Array.from({ length: 5 }, (_, index) => ({ app: '<shop>', request, response: reply(1_795_600_000 + index, 10_000, 100) }));
  const other = { app: 'desk', response: reply(1_795_500_000, 2000, 50) };
  writeFileSync(join(dir, 'calls.jsonl'), [...same, other].map((line) => `${JSON.stringify(line)}\n`).join(''));
  return dir;
}

/** 5 and 30 USD a million. */
const each = 0.05 + 0.003;

suite('modicum audit', () => {
  test('tells totals, where tokens went, and what to change with its arithmetic', async (context) => {
    const { code, out, err } = await ran(['audit', recorded(context)]);
    assert.deepEqual([code, err], [0, '']);
    assert.match(out, /^6 calls, \$0\.2765, 2026-11-24 /);
    assert.match(out, /gpt-5\.5 +6 +52,000 +0 +0 +0 +550 +\$0\.2765/);
    assert.match(out, /1\. \$0\.2120 {2}Identical calls, answered before in <shop>: gpt-5\.5\n {3}4 calls answered before: \$0\.2120/);
    assert.match(out, /The prompt of 1 call is not recorded/);
    assert.ok(!out.includes('\u001b'), 'no colour where nobody asked');
  });
  test('--json has all of it, exact', async (context) => {
    const { out } = await ran(['audit', recorded(context), '--json']);
    const { totals, findings, read } = JSON.parse(out) as { totals: { all: { cost: number } }; findings: { kind: string; saved: number }[]; read: { lines: number } }; // prettier-ignore
    assert.deepEqual([totals.all.cost, findings.map(({ kind, saved }) => [kind, saved]), read.lines], [276_500_000, [['repeated_call', Math.round(4 * each * 1e9)]], 6]); // prettier-ignore
  });
  test('--since leaves out what came before, --top what saves less', async (context) => {
    const { out } = await ran(['audit', recorded(context), '--since', '2026-11-25', '--top', '1', '--json']);
    const { totals, findings } = JSON.parse(out) as { totals: { all: { calls: number } }; findings: readonly unknown[] };
    assert.deepEqual([totals.all.calls, findings.length], [5, 1]);
  });
  test('--html writes a page that asks for nothing else and takes no markup from logs', async (context) => {
    const dir = recorded(context);
    const { code, err } = await ran(['audit', dir, '--html', join(dir, 'audit.html')]);
    const page = readFileSync(join(dir, 'audit.html'), 'utf8');
    assert.deepEqual([code, err], [0, `The report is in ${join(dir, 'audit.html')}\n`]);
    assert.match(page, /in &lt;shop&gt;/);
    assert.doesNotMatch(page, /<shop>|https?:|<script|<img|<link|url\(/);
  });
  test('a file in which nothing is recognised is a failure that says so; a path that is not there is a mistake', async (context) => {
    const dir = temporaryDir(context);
    writeFileSync(join(dir, 'notes.json'), '{}');
    const nothing = await ran(['audit', dir]);
    assert.equal(nothing.code, 1);
    assert.match(nothing.err, /Nothing was recognised in 1 file\b.*notes\.json.*modicum replay FILE/s);
    const missing = await ran(['audit', join(dir, 'gone')]);
    assert.equal(missing.code, 2);
    assert.match(missing.err, /there is no .*gone/);
  });
  test('progress is told on a terminal, and wiped', async (context) => {
    const { err } = await ran(['audit', recorded(context)], { errIsTerminal: true });
    assert.match(err.replaceAll('\u001b', 'ESC'), /^\r0\.0 MB of 0\.0 MB, \d+% readESC\[K\rESC\[K$/);
  });
});
