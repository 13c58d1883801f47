import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test, type TestContext } from 'node:test';
import { claudeCodeForm, codexForm, ledgerForm, otlpForm, prose, requestsForm, type Asked, type Form } from '../../audit/read/testing.ts';
import { temporaryDir } from '../../ledger/fixtures.ts';
import type { WhatIfResult } from '../../what-if/result.ts';
import { ran, type Ran } from '../testing.ts';

const started = Date.UTC(2026, 10, 20, 9);

/** Turns of one session, a minute apart. */
const session = (name: string, model: string, cache: Asked['cache'], turns = 6): readonly Asked[] =>
  Array.from({ length: turns }, (_, turn) => ({
    at: started + turn * 60_000,
    session: name,
    app: 'shop',
    model,
    system: prose(12_000, 'rules'),
    tools: ['read'],
    said: Array.from({ length: turn + 1 }, (_, index) => [
      { role: 'user' as const, text: prose(800, `ask ${index}`) },
      ...(index < turn ? [{ role: 'model' as const, text: prose(400, `say ${index}`) }] : []),
    ]).flat(),
    answer: { role: 'model', text: prose(400, `say ${turn}`) },
    outputTokens: 90,
    cache,
  }));

/** Runs the command beside a policy. */
async function run(
  context: TestContext,
  policy: object,
  args: readonly string[],
  config: object = {},
): Promise<Ran & { readonly cwd: string }> {
  const cwd = temporaryDir(context);
  writeFileSync(join(cwd, 'policy.yaml'), JSON.stringify(policy));
  writeFileSync(join(cwd, 'modicum.yaml'), JSON.stringify(config));
  return { cwd, ...(await ran(['replay', '--what-if', 'policy.yaml', ...args], { cwd })) };
}

const off = { savings: { stages: { promptCache: 'off' } } };
const resultOf = ({ code, out, err }: Ran): WhatIfResult & { readonly source: string; readonly notes: readonly string[] } => {
  assert.equal(code, 0, err);
  return JSON.parse(out) as ReturnType<typeof resultOf>;
};

const forms: readonly (readonly [string, Form, string, Asked['cache']])[] = [
  ['requests and replies of Anthropic', requestsForm, 'claude-sonnet-5', 'marks'],
  ['requests and replies of OpenAI', requestsForm, 'gpt-5.5', 'automatic'],
  ['sessions of Claude Code', claudeCodeForm, 'claude-sonnet-5', 'marks'],
  ['sessions of Codex', codexForm, 'gpt-5.5', 'automatic'],
  ['traces', otlpForm, 'gpt-5.5', 'automatic'],
  ['a ledger', ledgerForm, 'gpt-5.5', 'automatic'],
];

suite('today rehearsed is close to today as recorded, whatever the record', () => {
  for (const [what, form, model, cache] of forms)
    test(what, async (context) => {
      const dir = form(session('s1', model, cache), context);
      const { calls, calibration, today, notRehearsed } = resultOf(await run(context, {}, [dir, '--json'], off));
      assert.deepEqual([calls, today?.calls, notRehearsed], [6, 6, []]);
      assert.ok(Math.abs(calibration!.ratio! - 1) < 0.2, `${calibration?.ratio} times the recorded bill`);
      assert.ok(Math.abs(calibration!.readShareToday! - calibration!.readShareBaseline!) < 0.1, JSON.stringify(calibration));
    });
});

/** As Claude Code wrote them before it logged requests: what was said, and the usage. Tools and instructions of some 9,000 tokens are in no line. */
function spokenLog(context: TestContext): string {
  const dir = temporaryDir(context);
  let kept = 0;
  const lines = Array.from({ length: 8 }, (_, turn) => {
    const common = { sessionId: 's1', timestamp: new Date(started + turn * 60_000).toISOString(), cwd: 'projects/shop' };
    const all = 9000 + (turn + 1) * 170 + turn * 80;
    const usage = { input_tokens: 4, cache_read_input_tokens: kept, cache_creation_input_tokens: all - kept, cache_creation: { ephemeral_5m_input_tokens: all - kept }, output_tokens: 90 }; // prettier-ignore
    kept = all;
    const message = { id: `m${turn}`, role: 'assistant', model: 'claude-sonnet-5', content: [{ type: 'text', text: prose(400, `say ${turn}`) }], usage }; // prettier-ignore
    return [
      { type: 'user', ...common, message: { role: 'user', content: prose(800, `ask ${turn}`) } },
      { type: 'assistant', ...common, uuid: `u${turn}`, requestId: `r${turn}`, message },
    ];
  });
  writeFileSync(join(dir, 'session.jsonl'), lines.flat().map((line) => `${JSON.stringify(line)}\n`).join('')); // prettier-ignore
  return dir;
}

test('a log without tools, instructions and marks is rehearsed with all of them', async (context) => {
  const { calls, calibration, baseline, today } = resultOf(await run(context, {}, [spokenLog(context), '--json'], off));
  assert.equal(calls, 8);
  assert.ok(Math.abs(calibration!.ratio! - 1) < 0.1, `${calibration?.ratio} times the recorded bill`);
  assert.ok(Math.abs(calibration!.readShareToday! - calibration!.readShareBaseline!) < 0.05, JSON.stringify(calibration));
  assert.ok(Math.abs(baseline.inputTokens / today!.inputTokens - 1) < 0.05);
});

test('the prices are those of the day of each call', async (context) => {
  const dir = requestsForm(session('s1', 'gpt-5.6-sol', 'automatic', 1), context);
  const then = requestsForm([{ ...session('s1', 'gpt-5.6-sol', 'automatic', 1)[0]!, at: Date.UTC(2026, 7, 20) }], context);
  const [now, before] = [resultOf(await run(context, {}, [dir, '--json'], off)), resultOf(await run(context, {}, [then, '--json'], off))];
  assert.ok(before.baseline.cost > now.baseline.cost, `it was dearer: ${before.baseline.cost}`);
  assert.deepEqual([before.from, before.to], ['2026-08-20T00:00:00.000Z', '2026-08-20T00:00:00.000Z']);
});

test('kept replies answer within their lifetime on the clock of the record', async (context) => {
  const dir = temporaryDir(context);
  const request = { model: 'gpt-5.5', temperature: 0, messages: [{ role: 'user', content: prose(2000) }] };
  const response = { id: 'c', object: 'chat.completion', model: 'gpt-5.5', choices: [{ index: 0, message: { role: 'assistant', content: 'Yes.' }, finish_reason: 'stop' }], usage: { prompt_tokens: 400, completion_tokens: 30 } }; // prettier-ignore
  const lines = [0, 30, 200].map((minutes) => ({ timestamp: new Date(started + minutes * 60_000).toISOString(), request, response }));
  writeFileSync(join(dir, 'requests.jsonl'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  const policy = { savings: { stages: { exactCache: 'on' }, holdout: 0, stageHoldout: 0 }, cache: { exact: { ttlMs: 3_600_000 } } };
  const { changes, saved, baseline, stages } = resultOf(
    await run(context, policy, [dir, '--json'], { savings: { holdout: 0, stageHoldout: 0 } }),
  );
  assert.deepEqual([changes.answeredFromCache, changes.cheaper, baseline.calls], [1, 1, 3]);
  assert.equal(saved, baseline.cost / 3, 'one of three like calls');
  assert.deepEqual(stages.map(({ stage, saved: by, own }) => [stage, by, own?.cost]), [['exact-cache', saved, saved]]); // prettier-ignore
});

test('calls that cannot be made again keep their bill aside', async (context) => {
  const dir = requestsForm(session('s1', 'gpt-5.5', 'automatic', 2), context);
  const batch = { custom_id: 'b', timestamp: '2026-11-20T09:00:00Z', response: { body: { object: 'chat.completion', model: 'gpt-5.5', choices: [], usage: { prompt_tokens: 1000, completion_tokens: 10 } } } }; // prettier-ignore
  const failed = { timestamp: '2026-11-20T09:00:00Z', request: { model: 'gpt-5.5', messages: [] }, response: { object: 'chat.completion', error: { message: 'no' } }, status: 500 }; // prettier-ignore
  const path = join(dir, 'requests.jsonl');
  writeFileSync(path, `${readFileSync(path, 'utf8')}${JSON.stringify(batch)}\n${JSON.stringify(failed)}\n`);
  const { calls, notRehearsed } = resultOf(await run(context, {}, [dir, '--json']));
  assert.equal(calls, 2);
  assert.deepEqual(notRehearsed.map(({ reason, calls: of }) => [reason, of]), [['failed', 1], ['batch', 1]]); // prettier-ignore
  assert.ok(notRehearsed[1]!.cost > 0);
});

test('a model that no provider of the configuration serves is told, with what it cost', async (context) => {
  const dir = requestsForm(session('s1', 'gpt-5.5', 'automatic', 2), context);
  const providers = { mine: { protocol: 'openai', baseUrl: 'https://mine.example/v1', models: ['mine-1'] } };
  const { calls, notRehearsed, saved } = resultOf(await run(context, {}, [dir, '--json'], { providers }));
  assert.deepEqual([calls, saved, notRehearsed.map(({ reason, calls: of }) => [reason, of])], [0, null, [['refused:model_not_found', 2]]]);
});

test('for people: bills with bars, changes, what got worse and what is not known; the same as a page', async (context) => {
  const dir = requestsForm(session('s<1>', 'claude-sonnet-5', 'none'), context);
  const policy = { savings: { stages: { promptCache: 'on' }, holdout: 0, stageHoldout: 0 } };
  const { out, code, cwd, err } = await run(context, policy, [dir, '--html', 'page.html'], off);
  assert.deepEqual([code, err.includes('The report is in page.html')], [0, true]);
  assert.match(out, /^6 calls, 2026-11-20 09:00 to 2026-11-20 09:05: the policy saves \$[\d.]+ \([\d.]+%\)\n/);
  assert.match(out, /today, as recorded +\$[\d.]+ +█+/);
  assert.match(out, /prompt-cache +\$[\d.]+ +[\d.]+% +\$[\d.]+, measured, \d calls/);
  assert.match(out, /\d calls? of 6 cost less, \d cost more/);
  assert.match(out, /neither are quality and latency/);
  const page = readFileSync(join(cwd, 'page.html'), 'utf8');
  assert.match(page, /<h1>6 calls, [^<]+the policy saves/);
  assert.doesNotMatch(page, /<script|https?:\/\//);
});

test('requests of a conversation as they were sent', async (context) => {
  const dir = temporaryDir(context);
  const first = [
    { role: 'system', content: prose(9000) },
    { role: 'user', content: 'one' },
  ];
  const second = [...first, { role: 'assistant', content: 'the answer' }, { role: 'user', content: 'two' }];
  writeFileSync(join(dir, 'sequences.jsonl'), `${JSON.stringify({ id: 'q', requests: [{ messages: first }, { messages: second }] })}\n`);
  const { calls, source, baseline, today } = resultOf(
    await run(context, {}, [join(dir, 'sequences.jsonl'), '--model', 'gpt-5.5', '--json']),
  );
  assert.deepEqual([calls, source, today], [2, 'conversations', null]);
  assert.ok(baseline.cacheReadTokens > 1000 && baseline.outputTokens > 0);
});

test('the bundled samples, by three vendors', async (context) => {
  const { calls, byModel, saved } = resultOf(await run(context, {}, ['samples', '--json']));
  assert.ok(calls > 20 && byModel.length >= 5);
  assert.equal(saved, 0);
});

for (const [what, args, expected, message] of [
  ['no such file', ['none.jsonl'], 2, /there is no none\.jsonl/],
  ['no ledger', [], 2, /there is no ledger in .*; name one with --data, or give a FILE/],
  ['options of sending', ['samples', '--url', 'http://x'], 2, /--url is for sending; with --what-if nothing is sent/],
  ['options of conversations for logs', ['.', '--model', 'm'], 2, /--model is for recorded conversations/],
  ['times where there are none', ['samples', '--since', '7d'], 2, /conversations hold no times/],
] as const)
  test(`refused: ${what}`, async (context) => {
    const { code, err } = await run(context, {}, args);
    assert.equal(code, expected);
    assert.match(err, message);
  });

test('refused: a policy with a mistake, with its place', async (context) => {
  const { code, err } = await run(context, { savings: { stages: { promptCach: 'on' } } }, ['samples']);
  assert.equal(code, 3);
  assert.match(err, /policy\.yaml:1:\d+.*savings\.stages\.promptCach.*promptCache/s);
});

test('refused: options of a what-if without one', async () => {
  const { code, err } = await ran(['replay', 'samples', '--stages']);
  assert.deepEqual([code, err.includes('--stages is for --what-if POLICY')], [2, true]);
  assert.equal((await ran(['replay'])).code, 2);
});

test('nothing that could be rehearsed is a failure', async (context) => {
  const dir = temporaryDir(context);
  writeFileSync(join(dir, 'x.jsonl'), '{"hello":1}\n');
  const { code, err, out } = await run(context, {}, [join(dir, 'x.jsonl')]);
  assert.deepEqual([code, out, err.includes('There is nothing to rehearse.')], [1, '', true]);
});
