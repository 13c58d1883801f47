import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { report } from '../src/ledger/report.ts';
import { startProgram, workingFolder, type Program } from './program.ts';

const url = /http:\/\/127\.0\.0\.1:\d+/;

async function serving(context: TestContext, cwd: string, ...argv: readonly string[]): Promise<{ program: Program; at: string }> {
  const program = startProgram(context, ['serve', '--port', '0', ...argv], { cwd });
  return { program, at: url.exec(await program.seen(/listens on \S+/))![0] };
}

interface Row {
  readonly key: string;
  readonly calls: number;
}
interface Told {
  readonly rows: readonly Row[];
  readonly totals: Readonly<Record<string, number>> & { readonly costUsd: string };
}

async function reported(context: TestContext, cwd: string, ...argv: readonly string[]): Promise<Told> {
  const { code, out, err } = await startProgram(context, ['report', '--json', ...argv], { cwd }).ended;
  assert.deepEqual({ code, err }, { code: 0, err: '' });
  return JSON.parse(out) as Told;
}

test('from nothing to a report: serve, replay the samples, see apps, users, models, and the emulator’s own bill to the nano-dollar', async (context) => {
  const cwd = workingFolder(context);
  const { program, at } = await serving(context, cwd, '--emulator');
  const replay = await startProgram(context, ['replay', 'samples', '--url', at, '--json'], { cwd }).ended;
  assert.equal(replay.code, 0, replay.err);
  const sent = JSON.parse(replay.out) as Record<string, number>;

  const { rows, totals } = await reported(context, cwd);
  assert.deepEqual([totals['calls'], totals['failed'], totals['unpricedCalls'], totals['estimatedCalls']], [sent['calls'], 0, 0, 0]);
  for (const kind of ['inputTokens', 'cacheReadTokens', 'cacheWriteTokens', 'outputTokens', 'reasoningTokens']) {
    assert.equal(totals[kind], sent[kind], kind);
    assert.ok(totals[kind]! > 0, kind);
  }
  for (const vendor of [/^gpt-/, /^claude-/, /^gemini-/]) assert.ok(rows.some(({ key }) => vendor.test(key)), String(vendor)); // prettier-ignore
  for (const [by, least] of [
    ['app', 5],
    ['user', 8],
    ['part', 6],
  ] as const)
    // prettier-ignore
    assert.ok(report(join(cwd, '.modicum'), { by: [by] }).rows.length >= least, by);

  const bill = (await (await fetch(`${at}/passthrough/emulator-anthropic/__emulator/bill`)).json()) as {
    totals: { calls: number; costNanoUsd: string };
  };
  const [whole, fraction = ''] = totals.costUsd.split('.') as [string, string?];
  assert.deepEqual([bill.totals.calls, BigInt(bill.totals.costNanoUsd)], [totals['calls'], BigInt(whole + fraction.padEnd(9, '0'))]);

  program.child.kill('SIGINT');
  const { code, err } = await program.ended;
  assert.equal(code, 0);
  assert.match(err, /"message":"stopped"/);
  assert.equal(report(join(cwd, '.modicum'), { by: [], filters: { operation: 'passthrough' } }).totals.calls, 1);
});

test('a port that is taken: exit 1, and what to do', async (context) => {
  const cwd = workingFolder(context);
  const { at } = await serving(context, cwd, '--emulator');
  const port = new URL(at).port;
  const { code, out, err } = await startProgram(context, ['serve', '--emulator', '--port', port, '--data', 'other'], { cwd }).ended;
  assert.deepEqual([code, out], [1, '']);
  assert.match(err, new RegExp(`127\\.0\\.0\\.1:${port} is taken.*--port ${Number(port) + 1}`));
});

test('a data directory that another gateway has: exit 1', async (context) => {
  const cwd = workingFolder(context);
  await serving(context, cwd, '--emulator');
  const { code, err } = await startProgram(context, ['serve', '--emulator', '--port', '0'], { cwd }).ended;
  assert.equal(code, 1);
  assert.match(err, /another gateway .*writes to/);
});

test('a changed configuration is taken up; a bad one is told with its line, and the one before stays', async (context) => {
  const cwd = workingFolder(context);
  const write = (model: string, more = ''): void =>
    writeFileSync(
      join(cwd, 'modicum.yaml'),
      `providers:\n  one: { protocol: openai, baseUrl: "http://127.0.0.1:9/v1" }\nmodels:\n  ${model}: { provider: one }\n${more}`,
    );
  const models = async (at: string): Promise<readonly string[]> =>
    ((await (await fetch(`${at}/v1/models`)).json()) as { data: { id: string }[] }).data.map(({ id }) => id);
  write('first');
  const { program, at } = await serving(context, cwd);
  assert.ok((await models(at)).includes('first'));
  write('second');
  await program.seen(/configuration taken up/);
  assert.ok((await models(at)).includes('second'));
  write('third', 'serber: {}\n');
  assert.match(await program.seen(/not taken up.*/), /modicum\.yaml:5:1: serber: unknown option; did you mean \\"server\\"\?/);
  assert.ok((await models(at)).includes('second'));
});

test('a reader that has seen enough ends the output quietly', async (context) => {
  const program = startProgram(context, ['prices', '--provider', 'openrouter'], { cwd: workingFolder(context) });
  await once(program.child.stdout!, 'data');
  program.child.stdout!.destroy();
  const { code, err } = await program.ended;
  assert.deepEqual([code, err], [0, '']);
});

test('emulate answers, and prints its bill when it is interrupted', async (context) => {
  const program = startProgram(context, ['emulate', '--port', '0', '--json'], { cwd: workingFolder(context) });
  const at = url.exec(await program.seen(/listens on \S+/))![0];
  const response = await fetch(`${at}/v1/chat/completions`, {
    method: 'POST',
    body: JSON.stringify({ model: 'gpt-5-mini', messages: [{ role: 'user', content: 'hi' }] }),
  });
  assert.equal(response.status, 200);
  await response.arrayBuffer();
  program.child.kill('SIGINT');
  const { code, out } = await program.ended;
  const bill = JSON.parse(out) as { totals: { calls: number }; byModel: object };
  assert.deepEqual([code, bill.totals.calls, Object.keys(bill.byModel)], [0, 1, ['gpt-5-mini']]);
});

test('replay: a refused call is counted, told, and makes exit 1', async (context) => {
  const cwd = workingFolder(context);
  const { at } = await serving(context, cwd, '--emulator');
  writeFileSync(
    join(cwd, 'r.jsonl'),
    JSON.stringify({
      messages: [
        { role: 'user', content: 'q' },
        { role: 'assistant', content: 'a' },
      ],
    }),
  );
  const { code, out, err } = await startProgram(context, ['replay', 'r.jsonl', '--url', `${at}/nowhere`], { cwd }).ended;
  assert.equal(code, 1);
  assert.match(err, /conversation-1: status 404: /);
  assert.match(out, /^1 call of 1 conversation in .*, 1 failed\.$/m);
});
