import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { loadConfig } from './load.ts';
import { maxConfigBytes } from './source.ts';
import { configFolders, messageOf, oneProvider } from './testing.ts';
import { upstreamOf } from './upstream.ts';

const { folder, load, remove } = await configFolders();
after(remove);

describe('what is read', () => {
  test('nothing at all: every default', async () => {
    const cwd = await folder({});
    const { config, path, providersListed, warnings } = await loadConfig({ env: {}, cwd });
    assert.equal(path, undefined);
    assert.equal(providersListed, false);
    assert.deepEqual(warnings, []);
    assert.deepEqual([config.server.host, config.server.port, config.dataDir], ['127.0.0.1', 4000, join(cwd, '.modicum')]);
    assert.deepEqual([config.providers, config.models, config.onClientAbort], [{}, {}, 'cancel']);
  });

  test('an empty file is the same', async () => {
    const { config, providersListed } = await load('# nothing yet\n');
    assert.equal(config.server.port, 4000);
    assert.equal(providersListed, false);
  });

  test('a file as large as may be', async () => {
    const { config } = await load(`# ${'x'.repeat(maxConfigBytes - 3)}\n`);
    assert.equal(config.server.port, 4000);
  });

  test('JSON, with lines', async () => {
    const json = '{\n\t"$schema": "./config.schema.json",\n\t"server": {\n\t\t"port": 5000\n\t}\n}\n';
    const cwd = await folder({ 'modicum.json': json, 'bad.json': json.replace('"port"', '"prot"') });
    assert.equal((await loadConfig({ env: {}, cwd })).config.server.port, 5000);
    assert.equal(
      await messageOf(loadConfig({ env: {}, cwd, path: 'bad.json' })),
      'bad.json:4:3: server.prot: unknown option; did you mean "port"?',
    );
  });

  test('TypeScript and JavaScript modules: an object, or a function that gives one', async () => {
    const cwd = await folder({
      'modicum.ts': 'const port: number = 5001;\nexport default { server: { port } };\n',
      'other.mjs': 'export default async () => ({ server: { port: 5002 } });\n',
      'bad.mjs': 'export default { server: { prot: 1 } };\n',
      'empty.mjs': 'export const a = 1;\n',
    });
    const portOf = async (path?: string) => (await loadConfig({ env: {}, cwd, path })).config.server.port;
    assert.equal(await portOf(), 5001);
    assert.equal(await portOf('other.mjs'), 5002);
    assert.equal(await messageOf(portOf('bad.mjs')), 'bad.mjs: server.prot: unknown option; did you mean "port"?');
    assert.equal(await messageOf(portOf('empty.mjs')), 'empty.mjs: cannot be run: there is no default export');
  });

  test('the first of the names looked for; others are ignored aloud', async () => {
    const cwd = await folder({ 'modicum.yml': 'dataDir: a\n', 'modicum.json': '{"dataDir":"b"}' });
    const { config, path, warnings } = await loadConfig({ env: {}, cwd });
    assert.equal(path, join(cwd, 'modicum.yml'));
    assert.equal(config.dataDir, join(cwd, 'a'));
    assert.deepEqual(warnings, ['modicum.json: ignored, because another configuration stands beside it']);
  });

  test('a named file that is not there, or not of a kind we read', async () => {
    const cwd = await folder({ 'modicum.toml': '' });
    assert.equal(await messageOf(loadConfig({ env: {}, cwd, path: 'gone.yaml' })), 'gone.yaml: there is no such file');
    assert.equal(
      await messageOf(loadConfig({ env: {}, cwd, path: 'modicum.toml' })),
      'modicum.toml: is not a .yaml, .yml, .json, .ts or .mjs file',
    );
  });
});

test('of many syntax errors the first ten are listed', async () => {
  const message = await messageOf(load(`dataDir: ${'['.repeat(50_000)}`));
  assert.match(message, /^modicum\.yaml:1:\d+: cannot be read: nested too deeply\n/);
  assert.equal(message.split('\n').length, 10);
});

describe('precedence', () => {
  test('defaults, then the file, then the command line, option by option', async () => {
    const { config } = await load('server:\n  port: 5000\n  limits: { maxInFlight: 7 }\n', { data: { server: { port: 6000 } } });
    assert.equal(config.server.port, 6000);
    assert.equal(config.server.limits.maxInFlight, 7);
    assert.equal(config.server.host, '127.0.0.1');
  });

  test('an option of the command line that is wrong stands in no line', async () => {
    assert.equal(
      await messageOf(load('server:\n  port: 5000\n', { data: { server: { port: 70_000 } } })),
      'server.port: is above the largest value, 65535',
    );
  });

  test('a group that is none in the file is told, though the command line gives an option of it', async () => {
    assert.equal(
      await messageOf(load('server: 5000\n', { data: { server: { port: 6000 } } })),
      'modicum.yaml:1:9: server: 5000 is not a group of options',
    );
  });

  test('paths of the file are relative to it, paths of the command line to the working folder', async () => {
    const cwd = await folder({});
    await mkdir(join(cwd, 'etc'));
    await writeFile(join(cwd, 'etc', 'gateway.yaml'), 'dataDir: data\n');
    const dataDirOf = async (data = {}) => (await loadConfig({ env: {}, cwd, path: 'etc/gateway.yaml', data })).config.dataDir;
    assert.equal(await dataDirOf(), join(cwd, 'etc', 'data'));
    assert.equal(await dataDirOf({ dataDir: 'data' }), join(cwd, 'data'));
  });
});

describe('variables', () => {
  test('replace their names in any string, in part or whole', async () => {
    const { config } = await load(
      'dataDir: ${DIR}/x\nproviders:\n  a:\n    protocol: ${P:-openai}\n    baseUrl: https://${H:-b.example}/v1\n    apiKey: ${KEY}\n',
      { env: { DIR: '/data', KEY: '12345' } },
    );
    assert.equal(config.dataDir, '/data/x');
    assert.equal(config.providers['a']?.apiKey, '12345');
    assert.equal(config.providers['a']?.baseUrl, 'https://b.example/v1');
  });

  test('become numbers and switches where the option is one', async () => {
    const { config } = await load('server:\n  port: ${PORT:-5000}\n  limits: { maxInFlight: "${N}" }\nledger: { sync: "${SYNC}" }\n', {
      env: { N: '9', SYNC: 'false' },
    });
    assert.deepEqual([config.server.port, config.server.limits.maxInFlight, config.ledger.sync], [5000, 9, false]);
  });
});

describe('providers are completed', () => {
  test('slash, hosting, prices and dialect', async () => {
    const { config } = await load(`
providers:
  openai: { protocol: openai, baseUrl: https://api.openai.com/v1/ }
  fast: { protocol: openai, baseUrl: https://api.groq.com/openai/v1 }
  mistral: { protocol: openai, baseUrl: https://proxy.example/v1, dialect: { streamUsage: ask } }
  local: { protocol: openai, baseUrl: 'http://192.168.1.7:8000/v1' }
  azure: { protocol: openai, baseUrl: https://x.example/openai/v1, hosting: cloud, prices: azure, dialect: { cache: exclusive } }
`);
    const shown = Object.values(config.providers).map(({ name, baseUrl, hosting, prices, dialect }) => ({
      name,
      baseUrl,
      hosting,
      prices,
      ...dialect,
    }));
    const standard = { reasoning: 'inside', cache: 'inclusive', streamUsage: 'ask' };
    assert.deepEqual(shown, [
      { name: 'openai', baseUrl: 'https://api.openai.com/v1', hosting: 'api', prices: 'openai', ...standard },
      { name: 'fast', baseUrl: 'https://api.groq.com/openai/v1', hosting: 'api', prices: 'groq', ...standard, streamUsage: 'always' },
      { name: 'mistral', baseUrl: 'https://proxy.example/v1', hosting: 'api', prices: 'mistral', ...standard },
      { name: 'local', baseUrl: 'http://192.168.1.7:8000/v1', hosting: 'self-hosted', prices: undefined, ...standard },
      { name: 'azure', baseUrl: 'https://x.example/openai/v1', hosting: 'cloud', prices: 'azure', ...standard, cache: 'exclusive' },
    ]);
  });

  test('what Azure wants reaches the provider, and its dated paths need an apiVersion', async () => {
    const azure = 'protocol: openai, baseUrl: https://r.openai.azure.com/openai, auth: azure-key, paths: azure-deployments';
    const { config } = await load(`providers:\n  azure: { ${azure}, apiVersion: 2024-10-21 }\n`);
    const { auth, paths, apiVersion } = upstreamOf(config.providers['azure']!);
    assert.deepEqual([auth, paths, apiVersion], ['azure-key', 'azure-deployments', '2024-10-21']);
    await assert.rejects(load(`providers:\n  azure: { ${azure} }\n`), /azure-deployments needs the protocol openai and an apiVersion/);
  });

  test('keys come from a file or a command, trimmed', async () => {
    const cwd = await folder({
      'modicum.yaml':
        'providers:\n  a: { protocol: openai, baseUrl: https://a.example/v1, apiKeyFile: key.txt }\n  b: { protocol: openai, baseUrl: https://b.example/v1, apiKeyCommand: [sh, -c, "echo $NAME-key"] }\n',
      'key.txt': 'from-file\n',
    });
    const { config } = await loadConfig({ env: { NAME: 'command', PATH: process.env['PATH'] }, cwd });
    assert.deepEqual([config.providers['a']?.apiKey, config.providers['b']?.apiKey], ['from-file', 'command-key']);
    assert.equal('apiKeyFile' in config.providers['a']!, false);
  });

  test('a file with more than a key is no key', async () => {
    const cwd = await folder({
      'modicum.yaml': 'providers:\n  a: { protocol: openai, baseUrl: https://a.example/v1, apiKeyFile: key.txt }\n',
      'key.txt': 'two\nlines\n',
    });
    assert.equal(
      await messageOf(loadConfig({ env: {}, cwd })),
      'modicum.yaml:2:69: providers.a.apiKeyFile: gives something other than one line with a key',
    );
  });
});

test('prices become plain decimals, whichever way they are written', async () => {
  const { config } = await load(
    `${oneProvider}models:\n  m: { provider: a, prices: { input: 0.1, output: "2.50", cacheRead: 1e-7, cacheWrite1h: 0 } }\n`,
  );
  assert.deepEqual(config.models['m'], {
    provider: 'a',
    model: 'm',
    prices: { input: '0.1', output: '2.50', cacheRead: '0.0000001', cacheWrite1h: '0' },
  });
});

test('an address that is not loopback is allowed with a token, or on demand', async () => {
  const token = await load('server: { host: 0.0.0.0, adminToken: "0123456789abcdef" }\n');
  assert.equal(token.config.server.host, '0.0.0.0');
  const open = await load('server: { host: "::", allowUnauthenticated: true }\n');
  assert.equal(open.config.server.host, '::');
  for (const host of ['localhost', '127.0.0.2', '"::1"']) assert.equal((await load(`server: { host: ${host} }\n`)).warnings.length, 0);
});

test('what is hardly meant is said, and done', async () => {
  const { warnings } = await load(
    'providers:\n  a: { protocol: openai, baseUrl: http://a.example/v1, apiKey: k }\n  b: { protocol: openai, baseUrl: "http://127.0.0.1:11434" }\n',
  );
  assert.deepEqual(warnings, [
    'modicum.yaml:2:35: providers.a.baseUrl: sends prompts and the key unencrypted; use https://',
    'modicum.yaml:3:35: providers.b.baseUrl: has no path; most servers of this protocol want /v1 at the end',
  ]);
});
