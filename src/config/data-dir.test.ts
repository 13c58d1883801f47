import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { configuredDataDir, defaultDataDir } from './data-dir.ts';
import { loadConfig } from './load.ts';

function folder(context: TestContext, yaml?: string): string {
  const dir = mkdtempSync(join(tmpdir(), 'modicum-config-'));
  context.after(() => rmSync(dir, { recursive: true, force: true }));
  if (yaml !== undefined) writeFileSync(join(dir, 'modicum.yaml'), yaml);
  return dir;
}

test('without a file the default, as the schema has it', async (context) => {
  const cwd = folder(context);
  assert.equal(await configuredDataDir({ path: undefined, cwd, env: {} }), join(cwd, defaultDataDir));
  assert.equal((await loadConfig({ cwd, env: {} })).config.dataDir, join(cwd, defaultDataDir));
});

test('relative to the file, variables filled in', async (context) => {
  const cwd = folder(context, 'dataDir: ${PLACE:-here}/ledger\n');
  assert.equal(await configuredDataDir({ path: undefined, cwd, env: {} }), join(cwd, 'here/ledger'));
  assert.equal(await configuredDataDir({ path: join(cwd, 'modicum.yaml'), cwd: '/', env: { PLACE: '/srv' } }), '/srv/ledger');
});

const secretive = `
dataDir: data
server: { host: 0.0.0.0, adminToken: "\${TOKEN}" }
providers:
  a: { protocol: openai, baseUrl: "https://example.com/v1", apiKey: "\${KEY}", headers: { x-team: "\${TEAM}" } }
  b: { protocol: openai, baseUrl: "https://example.com/v1", apiKeyCommand: [no-such-program] }
`;

test('secrets that are not there keep nobody from the ledger', async (context) => {
  const cwd = folder(context, secretive);
  assert.equal(await configuredDataDir({ path: undefined, cwd, env: {} }), join(cwd, 'data'));
});

test('nor from the options of a command that calls no provider', async (context) => {
  const cwd = folder(context, secretive);
  await assert.rejects(loadConfig({ cwd, env: {} }), /KEY/);
  const { config } = await loadConfig({ cwd, env: {}, withoutSecrets: true });
  assert.deepEqual(
    Object.values(config.providers).map(({ name, apiKey, headers }) => ({ name, apiKey, headers })),
    [
      { name: 'a', apiKey: undefined, headers: {} },
      { name: 'b', apiKey: undefined, headers: {} },
    ],
  );
});
