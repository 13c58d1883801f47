import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { createEmulator } from '../src/emulator/emulator.ts';
import { hashOf, newSecret } from '../src/keys/secret.ts';
import { scan, unpack } from '../src/ledger/frame.ts';
import { adminToken, ask, asAdmin, makeKey } from './keyed.ts';
import { until } from './harness.ts';
import { startProgram, workingFolder } from './program.ts';

const providerKey = 'sk-provider-canary-5c1a';
const vendorKey = 'sk-client-canary-77d0';
const prompt = 'prompt-canary-e3b0c442';
const label = 'label-canary-98fc1c14';

/** All that a data directory holds, as text: bytes as they are, tables row by row, frames of the journal unpacked. */
function textOf(dir: string): string {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => fileText(join(entry.parentPath, entry.name)))
    .join('\n');
}

function fileText(path: string): string {
  const bytes = readFileSync(path);
  if (path.endsWith('.db')) return bytes.toString('latin1') + tablesOf(path);
  if (path.endsWith('.log'))
    return (
      bytes.toString('latin1') +
      scan(bytes, 'cut')
        .frames.flatMap(({ frame }) => unpack(frame))
        .join('\n')
    );
  return bytes.toString('latin1');
}

function tablesOf(path: string): string {
  const database = new DatabaseSync(path, { readOnly: true });
  const names = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
  const rows = names.map(({ name }) => JSON.stringify(database.prepare(`SELECT * FROM "${String(name)}"`).all()));
  database.close();
  return rows.join('\n');
}

test('after a run with everything logged, no secret and no prompt stands in output, journal or databases', async (t) => {
  const cwd = workingFolder(t);
  const emulator = createEmulator({});
  const { url: provider } = await emulator.listen();
  t.after(() => emulator.close());
  writeFileSync(
    join(cwd, 'modicum.json'),
    JSON.stringify({
      server: { port: 0, adminToken },
      logging: { level: 'debug', format: 'json' },
      providers: {
        openai: { protocol: 'openai', baseUrl: `${provider}/v1`, apiKey: providerKey },
        anthropic: { protocol: 'anthropic', baseUrl: provider, apiKey: providerKey },
        google: { protocol: 'google', baseUrl: provider, apiKey: providerKey },
        away: { protocol: 'openai', baseUrl: 'http://127.0.0.1:9/v1', apiKey: providerKey, models: ['away'] },
      },
    }),
  );
  const program = startProgram(t, ['serve'], { cwd });
  const url = (await program.seen(/http:\/\/127\.0\.0\.1:\d+/)).trim();
  const { secret } = await makeKey(url, { name: 'canary', labels: { feature: label } });
  const { json } = await asAdmin(url, 'POST', '/api/keys/canary/rotate', { overlapMs: 3_600_000 });
  const renewed = String(json!['secret']);
  const unknown = newSecret();
  const said = [{ role: 'user', content: prompt }];
  for (const [path, body] of [
    ['/v1/chat/completions', { model: 'gpt-5-mini', messages: said }],
    ['/v1/chat/completions', { model: 'gpt-5-mini', messages: said, stream: true }],
    ['/v1/chat/completions', { model: 'away', messages: said }],
    ['/v1/chat/completions', { model: 'no-such-model', messages: said }],
    ['/v1/chat/completions', { messages: said }],
    ['/v1/messages', { model: 'claude-haiku-4-5', max_tokens: 8, messages: said }],
    ['/v1/messages', { model: 'gpt-5-mini', max_tokens: 8, messages: said }],
    ['/v1/embeddings', { model: 'text-embedding-3-small', input: prompt }],
    ['/v1beta/models/gemini-2.5-flash:generateContent', { contents: [{ parts: [{ text: prompt }] }] }],
    ['/passthrough/openai/v1/chat/completions', { model: 'gpt-5-mini', messages: said }],
    ['/passthrough/nowhere/v1/chat/completions', { model: 'gpt-5-mini', messages: said }],
    ['/v1/no-such-route', { messages: said }],
  ] as const)
    for (const [headers, query] of [
      [{ authorization: `Bearer ${secret}` }, ''],
      [{ 'x-modicum-key': renewed, 'x-api-key': vendorKey }, ''],
      [{}, `?key=${renewed}`],
      [{ authorization: `Bearer ${unknown}` }, ''],
      [{ authorization: `Bearer ${vendorKey}` }, `?key=${unknown}`],
    ] as const)
      await ask(url, { method: 'POST', path: path + query, headers, body });
  await asAdmin(url, 'GET', '/api/status');
  await asAdmin(url, 'POST', '/api/keys', { name: secret, scopes: renewed });
  await ask(url, { method: 'POST', path: '/api/login', body: { token: adminToken } });
  await until(async () => {
    const status = (await asAdmin(url, 'GET', '/api/status')).json as unknown as { ledger: { queuedBytes: number } };
    return status.ledger.queuedBytes === 0;
  }, 'all records on disk');
  const running = textOf(join(cwd, '.modicum'));
  program.child.kill('SIGTERM');
  const { out, err } = await program.ended;
  const all = [out, err, running, textOf(join(cwd, '.modicum'))].join('\n');
  assert.ok(all.includes(label), 'what is meant to be stored is found, so that the search can find something');
  assert.ok(all.includes(hashOf(renewed)), 'the store of keys was searched too');
  const secrets = { secret, renewed, unknown, providerKey, vendorKey, prompt, adminToken };
  for (const [what, value] of Object.entries(secrets)) assert.ok(!all.includes(value), `${what} is found`);
});
