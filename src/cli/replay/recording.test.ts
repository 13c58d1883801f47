import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import { temporaryDir } from '../../ledger/fixtures.ts';
import { turnsOf } from './conversation.ts';
import { readRecording, readSamples } from './recording.ts';
import { replayApi } from './replay-apis.ts';
import { scriptHeader } from './send.ts';

const line = (id: string): string =>
  JSON.stringify({
    id,
    messages: [
      { role: 'user', content: 'q' },
      { role: 'assistant', content: 'a' },
    ],
  });

function file(context: TestContext, content: string | Buffer): string {
  const path = join(temporaryDir(context), 'recording');
  writeFileSync(path, content);
  return path;
}

test('lines, gzipped or not, blank ones left out', async (context) => {
  const text = `${line('one')}\n\n${line('two')}\n`;
  for (const content of [text, gzipSync(text), text.replaceAll('\n', '\r\n')]) {
    const conversations = await readRecording(file(context, content), 'r.jsonl');
    assert.deepEqual(conversations.map(({ id }) => id), ['one', 'two']); // prettier-ignore
  }
});

for (const [what, content, message] of [
  ['a line that is no JSON', `${line('one')}\n{`, 'r.jsonl:2: is no JSON'],
  ['a line without messages', '{}', 'r.jsonl:1: there is no list of `messages`'],
  ['an empty file', '\n', 'r.jsonl holds no conversation'],
  ['a torn gzip file', gzipSync(line('one')).subarray(0, 30), 'r.jsonl is no whole gzip file'],
] as const) {
  test(`refused: ${what}`, async (context) => {
    await assert.rejects(readRecording(file(context, content), 'r.jsonl'), (error: Error & { exitCode: number }) => {
      assert.ok(error.message.includes(message), error.message);
      return error.exitCode === 1;
    });
  });
}

test('the samples show several apps, users and models, three vendors, tools, thought, caching, languages', async () => {
  const samples = await readSamples();
  const distinct = (values: readonly (string | undefined)[]): number => new Set(values.filter((value) => value !== undefined)).size;
  assert.ok(distinct(samples.map(({ app }) => app)) >= 5);
  assert.ok(distinct(samples.map(({ user }) => user)) >= 8);
  for (const vendor of [/^gpt-/, /^claude-/, /^gemini-/]) assert.ok(samples.some(({ model = '' }) => vendor.test(model)), String(vendor)); // prettier-ignore
  for (const api of ['chat', 'messages', 'responses', 'generate']) assert.ok(samples.some((sample) => sample.api === api), api); // prettier-ignore
  assert.ok(samples.some(({ tools }) => tools.length > 0) && samples.some(({ cache }) => cache) && samples.some(({ effort }) => effort));
  const text = JSON.stringify(samples);
  assert.ok(/\p{Script=Han}/u.test(text) && text.includes('Unterlagen') && text.includes('<context>'));
});

test('every sample can be sent, and its answers told to the emulator', async () => {
  for (const sample of await readSamples()) {
    const turns = turnsOf(sample);
    assert.ok(turns.length > 0, sample.id);
    for (const turn of turns) {
      const body = replayApi(sample.api!).body(turn, { model: sample.model!, stream: false, cache: false });
      assert.ok(JSON.stringify(body).length > 0);
      assert.notEqual(scriptHeader(turn.reply), undefined);
    }
  }
});
