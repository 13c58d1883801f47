import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { commands } from './commands.ts';
import { nodeFault } from './node-version.ts';
import { ran } from './testing.ts';

function folder(context: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'modicum-cli-'));
  context.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

const usageErrors = [
  [['reprot'], 'unknown command "reprot"; did you mean report?'],
  [['frobnicate'], 'unknown command "frobnicate"; there are: serve, report'],
  [['help', 'serv'], 'did you mean serve?'],
  [['serve', '--prot', '1'], 'serve: unknown option --prot; did you mean --port?'],
  [['serve', '--port'], "Option '--port <value>' argument missing"],
  [['serve', '--port', 'many'], '--port: "many" is not a number of at least 0'],
  [['serve', '--port', '1.5'], '--port: "1.5" is not a whole number'],
  [['serve', 'now'], 'serve: unexpected argument "now"'],
  [['serve', '-x'], 'unknown option -x'],
  [['report', '--json=yes'], "Option '--json' does not take an argument"],
  [['report', '--no-by'], 'unknown option --no-by'],
  [['report', '--by', 'colour'], 'cannot report by "colour"; there are: model'],
  [['report', '--by', 'tag:'], 'cannot report by "tag:"'],
  [['report', '--since', 'lately'], '--since: "lately" is no time'],
  [['report', '--until', '2026-13-01'], '--until: "2026-13-01" is no time'],
  [['report', '--filter', 'app'], '--filter: "app" is not KEY=VALUE'],
  [['report', '--json', '--csv'], '--json and --csv exclude each other'],
  [['config'], 'config: something is missing'],
  [['config', 'show'], '"show" is none of check, print, schema'],
  [['config', 'check', 'print'], 'unexpected argument "print"'],
  [['emulate', '--fault', 'hiccup:0.1'], '"hiccup" is none of stall-first-byte'],
  [['emulate', '--fault', 'status-429'], 'write status-429:PROBABILITY'],
  [['emulate', '--fault', 'status-429:2'], 'from 0 to 1'],
  [['emulate', '--fault', 'status-429:0.7', '--fault', 'slow-drip:0.7'], 'probabilities sum to more than 1'],
  [['replay'], 'replay: something is missing'],
  [['replay', 'samples', '--api', 'telegram'], '"telegram" is none of chat, messages, responses, generate'],
  [['replay', 'samples', '--url', 'localhost'], '"localhost" is not a URL'],
  [['replay', 'samples', '--concurrency', '0'], '--concurrency: from 1 to'],
] as const;

for (const [argv, message] of usageErrors) {
  test(`usage: modicum ${argv.join(' ')}`, async () => {
    const { code, out, err } = await ran(argv);
    assert.deepEqual({ code, out }, { code: 2, out: '' });
    assert.ok(err.startsWith('error: ') && err.includes(message), err);
  });
}

test('nothing asked for: the list of commands, as an error', async () => {
  const { code, out, err } = await ran([]);
  assert.deepEqual([code, out], [2, '']);
  for (const { name } of commands) assert.match(err, new RegExp(`^  ${name} `, 'm'));
});

test('the version is the package’s', async () => {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string };
  assert.deepEqual(await ran(['--version']), { code: 0, out: `${version}\n`, err: '' });
});

for (const command of commands) {
  test(`help of ${command.name} names its options, both ways`, async () => {
    const [asked, flagged] = [await ran(['help', command.name]), await ran([command.name, '--help'])];
    assert.deepEqual(asked, flagged);
    assert.equal(asked.code, 0);
    for (const { name } of command.options) assert.ok(asked.out.includes(`  ${name}`), name);
    for (const line of command.usage.split('\n')) assert.ok(asked.out.includes(line));
  });
}

test('a configuration that cannot be used: every error with its line, exit 3', async (context) => {
  const cwd = folder(context);
  writeFileSync(join(cwd, 'modicum.yaml'), 'server:\n  prot: 1\nmodels: 7\n');
  for (const argv of [
    ['config', 'check'],
    ['serve', '--port', '0'],
    ['reprice', '--data', cwd],
  ]) {
    const { code, out, err } = await ran(argv, { cwd });
    assert.deepEqual({ code, out }, { code: 3, out: '' });
    assert.match(err, /modicum\.yaml:2:3: server\.prot: unknown option; did you mean "port"\?/);
    assert.match(err, /modicum\.yaml:3:\d+: models: /);
  }
});

test('prices are shown without a configuration that cannot be used, unless it was named', async (context) => {
  const cwd = folder(context);
  writeFileSync(join(cwd, 'modicum.yaml'), 'server:\n  prot: 1\n');
  const shown = await ran(['prices', 'gpt-4o'], { cwd });
  assert.deepEqual([shown.code, shown.err.includes('modicum.yaml:2:3')], [0, true]);
  assert.equal((await ran(['prices', 'gpt-4o', '--config', 'modicum.yaml'], { cwd })).code, 3);
});

test('a file that is not there', async () => {
  assert.equal((await ran(['config', 'check', '--config', 'nowhere.yaml'])).code, 3);
  const { code, err } = await ran(['replay', 'nowhere.jsonl']);
  assert.deepEqual([code, err], [1, 'error: there is no file nowhere.jsonl\n']);
});

test('no gateway to replay through: exit 4, and what to do', async () => {
  const { code, err } = await ran(['replay', 'samples', '--url', 'http://127.0.0.1:9']);
  assert.equal(code, 4);
  assert.match(err, /no gateway answers at http:\/\/127\.0\.0\.1:9; start one with/);
});

test('init writes a configuration that can be used, and never over another one unasked', async (context) => {
  const cwd = folder(context);
  assert.equal((await ran(['init'], { cwd })).code, 0);
  assert.match((await ran(['config', 'check'], { cwd })).out, /modicum\.yaml ok, providers found at start, 0 models\n$/);
  const again = await ran(['init'], { cwd });
  assert.deepEqual([again.code, again.err], [1, 'error: modicum.yaml is there already; --force writes over it\n']);
  assert.equal((await ran(['init', '--force'], { cwd })).code, 0);
  assert.equal((await ran(['init', 'no-such-folder/modicum.yaml'], { cwd })).code, 1);
});

test('every example of the template can be used as it stands', async (context) => {
  const cwd = folder(context);
  await ran(['init'], { cwd });
  const text = readFileSync(join(cwd, 'modicum.yaml'), 'utf8');
  writeFileSync(join(cwd, 'modicum.yaml'), text.replaceAll(/^# ?(?=( *)([a-z]\w*:( |$)))/gm, ''));
  const keys = { OPENAI_API_KEY: 'sk-1', ANTHROPIC_API_KEY: 'sk-2', GEMINI_API_KEY: 'sk-3' };
  const { code, out, err } = await ran(['config', 'print', '--json'], { cwd, env: keys });
  assert.deepEqual({ code, err }, { code: 0, err: '' });
  assert.deepEqual(Object.keys((JSON.parse(out) as { providers: object }).providers), ['openai', 'anthropic', 'google', 'local']);
  assert.equal(out.includes('sk-1'), false);
});

test('config schema is the schema for editors', async () => {
  const { code, out } = await ran(['config', 'schema']);
  assert.deepEqual([code, (JSON.parse(out) as { title: string }).title], [0, 'Modicum configuration']);
});

test('an old Node is told so', () => {
  assert.equal(nodeFault('24.0.0'), undefined);
  assert.match(nodeFault('22.19.0')!, /needs Node 24/);
});
