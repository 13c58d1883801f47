import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { ConfigError } from './config-error.ts';
import { maxConfigBytes } from './source.ts';
import { configFolders, messageOf, oneProvider } from './testing.ts';

const { load, remove } = await configFolders();
after(remove);

describe('a configuration that cannot be used says where, what and what to do', () => {
  const cases: readonly { readonly name: string; readonly yaml: string; readonly env?: Record<string, string>; readonly says: string }[] = [
    {
      name: 'unknown option, near a known one',
      yaml: 'server:\n  prot: 4000\n',
      says: 'modicum.yaml:2:3: server.prot: unknown option; did you mean "port"?',
    },
    {
      name: 'unknown option, near none',
      yaml: 'drain:\n  colour: red\n',
      says: 'modicum.yaml:2:3: drain.colour: unknown option; known here: maxMs, maxBytes, maxConcurrent',
    },
    {
      name: 'case and swapped letters count as near',
      yaml: 'providers:\n  a: { protocol: openai, baseURL: https://a.example/v1, baseUrl: https://a.example/v1 }\n',
      says: 'modicum.yaml:2:26: providers.a.baseURL: unknown option; did you mean "baseUrl"?',
    },
    {
      name: 'wrong choice',
      yaml: 'providers:\n  a:\n    protocol: opnai\n    baseUrl: https://a.example/v1\n',
      says: 'modicum.yaml:3:15: providers.a.protocol: "opnai" is not one of openai, anthropic, google, bedrock; did you mean "openai"?',
    },
    {
      name: 'missing option stands at its group',
      yaml: 'providers:\n  a:\n    protocol: openai\n',
      says: 'modicum.yaml:3:5: providers.a.baseUrl: is missing; give a URL',
    },
    {
      name: 'empty option',
      yaml: 'server:\n  host:\n',
      says: 'modicum.yaml:2:8: server.host: is empty; give text, or leave the option out',
    },
    {
      name: 'wrong type',
      yaml: 'server:\n  port: high\n',
      says: 'modicum.yaml:2:9: server.port: "high" is not a whole number',
    },
    {
      name: 'wrong type of a group',
      yaml: 'ledger: on\n',
      says: 'modicum.yaml:1:9: ledger: "on" is not a group of options',
    },
    {
      name: 'the unit is named',
      yaml: 'drain:\n  maxMs: 30s\n',
      says: 'modicum.yaml:2:10: drain.maxMs: "30s" is not a whole number (ms)',
    },
    {
      name: 'above the largest value',
      yaml: 'server: { port: 70000 }\n',
      says: 'modicum.yaml:1:17: server.port: is above the largest value, 65535',
    },
    {
      name: 'below the smallest value',
      yaml: 'ledger:\n  commitIntervalMs: 0\n',
      says: 'modicum.yaml:2:21: ledger.commitIntervalMs: is below the smallest value, 1',
    },
    {
      name: 'no URL',
      yaml: 'providers:\n  a: { protocol: openai, baseUrl: a.example/v1 }\n',
      says: 'modicum.yaml:2:35: providers.a.baseUrl: is not a URL that begins with http:// or https://',
    },
    {
      name: 'another kind of URL',
      yaml: 'providers:\n  a: { protocol: openai, baseUrl: "file:///etc/passwd" }\n',
      says: 'modicum.yaml:2:35: providers.a.baseUrl: is not a URL that begins with http:// or https://',
    },
    {
      name: 'name that cannot stand in a URL',
      yaml: 'providers:\n  a/b: { protocol: openai, baseUrl: https://a.example/v1 }\n',
      says: 'modicum.yaml:2:3: providers.a/b: the name must be 1 to 64 letters, digits, `.`, `_` or `-`, the first a letter or digit',
    },
    {
      name: 'no price',
      yaml: `${oneProvider}models:\n  m: { provider: a, prices: { input: cheap } }\n`,
      says: 'modicum.yaml:4:38: models.m.prices.input: must be a decimal number such as "0.25"',
    },
    {
      name: 'a price that is no number at all',
      yaml: `${oneProvider}models:\n  m: { provider: a, prices: { input: true } }\n`,
      says: 'modicum.yaml:4:38: models.m.prices.input: true is not a number (USD per million tokens), or the same in quotes',
    },
    {
      name: 'a header that would be two',
      yaml: 'providers:\n  a: { protocol: openai, baseUrl: https://a.example/v1, headers: { x-a: "b\\r\\nc: d" } }\n',
      says: 'modicum.yaml:2:73: providers.a.headers.x-a: must not contain line breaks or control characters',
    },
    {
      name: 'a header that is not free to set',
      yaml: 'providers:\n  a: { protocol: openai, baseUrl: https://a.example/v1, headers: { Host: b } }\n',
      says: 'modicum.yaml:2:66: providers.a.headers: Host is set by the gateway for each request; take it out',
    },
    {
      name: 'several at once, in the order of the file',
      yaml: 'server:\n  prot: 1\nlogging:\n  level: loud\ndrian: {}\n',
      says: [
        'modicum.yaml:2:3: server.prot: unknown option; did you mean "port"?',
        'modicum.yaml:4:10: logging.level: "loud" is not one of debug, info, warn, error, silent',
        'modicum.yaml:5:1: drian: unknown option; did you mean "drain"?',
      ].join('\n'),
    },
    {
      name: 'variable that is not set',
      yaml: 'providers:\n  a:\n    protocol: openai\n    baseUrl: https://${HOST}/v1\n    apiKey: ${KEY}\n',
      says: [
        'modicum.yaml:4:22: providers.a.baseUrl: the environment variable HOST is not set; set it, or give a default: ${HOST:-...}',
        'modicum.yaml:5:13: providers.a.apiKey: the environment variable KEY is not set; set it, or give a default: ${KEY:-...}',
      ].join('\n'),
    },
    {
      name: 'variable that is not set, and another error, both at once',
      yaml: 'providers:\n  a:\n    protocol: openai\n    baseUrl: https://${HOST}/v1\nserver:\n  prot: 4000\n',
      says: [
        'modicum.yaml:4:22: providers.a.baseUrl: the environment variable HOST is not set; set it, or give a default: ${HOST:-...}',
        'modicum.yaml:6:3: server.prot: unknown option; did you mean "port"?',
      ].join('\n'),
    },
    {
      name: 'variable that is no variable',
      yaml: 'dataDir: "${no way}"\n',
      says: 'modicum.yaml:1:11: dataDir: holds a `${` that names no variable; write `${VAR}` or `${VAR:-default}`, or `$${` for a literal `${`',
    },
    {
      name: 'what came from a variable is not shown',
      yaml: 'server:\n  port: ${KEY}\n',
      env: { KEY: 'sk-secret' },
      says: 'modicum.yaml:2:9: server.port: the value of the variable is not a whole number',
    },
    {
      name: 'a secret is not shown',
      yaml: 'server:\n  adminToken: 1234567890123456789\n',
      says: 'modicum.yaml:2:15: server.adminToken: the value is not text',
    },
    {
      name: 'a header value is not shown',
      yaml: 'providers:\n  a: { protocol: openai, baseUrl: https://a.example/v1, headers: { x-key: 12345 } }\n',
      says: 'modicum.yaml:2:75: providers.a.headers.x-key: the value is not text',
    },
    {
      name: 'key with a line break, which would be a second header',
      yaml: 'providers:\n  a: { protocol: openai, baseUrl: https://a.example/v1, apiKey: "${KEY}" }\n',
      env: { KEY: 'sk-1\n' },
      says: 'modicum.yaml:2:65: providers.a.apiKey: must be one line of printable characters without spaces',
    },
    {
      name: 'variable that is empty, where something must be',
      yaml: 'providers:\n  a: { protocol: openai, baseUrl: https://a.example/v1, apiKey: "${KEY}" }\n',
      env: { KEY: '' },
      says: 'modicum.yaml:2:65: providers.a.apiKey: is empty',
    },
    {
      name: 'short token',
      yaml: 'server:\n  adminToken: short\n',
      says: 'modicum.yaml:2:15: server.adminToken: is shorter than 16 characters',
    },
    {
      name: 'open to all',
      yaml: 'server:\n  host: 0.0.0.0\n',
      says: 'modicum.yaml:2:9: server.host: "0.0.0.0" is not a loopback address, so others could spend on the configured keys; set server.adminToken and give out keys (`modicum keys create`), listen on 127.0.0.1, or set server.allowUnauthenticated to true',
    },
    {
      name: 'version in the base URL of a vendor that takes none',
      yaml: 'providers:\n  a: { protocol: anthropic, baseUrl: https://api.anthropic.com/v1/ }\n',
      says: 'modicum.yaml:2:38: providers.a.baseUrl: ends with /v1, which anthropic requests bring along; take /v1 off',
    },
    {
      name: 'the same for Google',
      yaml: 'providers:\n  a: { protocol: google, baseUrl: https://g.example/v1beta }\n',
      says: 'modicum.yaml:2:35: providers.a.baseUrl: ends with /v1beta, which google requests bring along; take /v1beta off',
    },
    {
      name: 'password in the base URL',
      yaml: 'providers:\n  a: { protocol: openai, baseUrl: https://me:pass@a.example/v1 }\n',
      says: 'modicum.yaml:2:35: providers.a.baseUrl: holds a user name or password; use `apiKey` or `headers`',
    },
    {
      name: 'query in the base URL',
      yaml: 'providers:\n  a: { protocol: openai, baseUrl: "https://a.example/v1?key=1" }\n',
      says: 'modicum.yaml:2:35: providers.a.baseUrl: has a query or fragment; end it with the path',
    },
    {
      name: 'a gateway in front of itself',
      yaml: 'providers:\n  a: { protocol: openai, baseUrl: http://localhost:4000/v1 }\n',
      says: "modicum.yaml:2:35: providers.a.baseUrl: points at this gateway itself; give the vendor's own URL",
    },
    {
      name: 'two keys',
      yaml: 'providers:\n  a:\n    protocol: openai\n    baseUrl: https://a.example/v1\n    apiKey: k\n    apiKeyFile: f\n',
      says: 'modicum.yaml:6:17: providers.a.apiKeyFile: is a second key; keep one of apiKey, apiKeyFile, apiKeyCommand, apiKeys',
    },
    {
      name: 'an API of another protocol',
      yaml: 'providers:\n  a:\n    protocol: openai\n    baseUrl: https://a.example/v1\n    apis: [openai.chat, anthropic.messages]\n',
      says: 'modicum.yaml:5:11: providers.a.apis: anthropic.messages is no API of the protocol openai; take it out, or give it a provider of its own',
    },
    {
      name: 'one key and several',
      yaml: 'providers:\n  a:\n    protocol: openai\n    baseUrl: https://a.example/v1\n    apiKey: k\n    apiKeys: [k, l]\n',
      says: 'modicum.yaml:6:14: providers.a.apiKeys: is a second key; keep one of apiKey, apiKeyFile, apiKeyCommand, apiKeys',
    },
    {
      name: 'a model without a place',
      yaml: `${oneProvider}models:\n  m: { model: x }\n`,
      says: 'modicum.yaml:4:6: models.m.provider: is missing; give `provider`, or `targets`',
    },
    {
      name: 'one place and several',
      yaml: `${oneProvider}models:\n  m: { provider: a, targets: [{ provider: a }] }\n`,
      says: 'modicum.yaml:4:30: models.m.targets: stands beside `provider`; keep one of them',
    },
    {
      name: 'unknown provider of a target',
      yaml: `${oneProvider}models:\n  m: { targets: [{ provider: a }, { provider: b }] }\n`,
      says: 'modicum.yaml:4:47: models.m.targets[1].provider: there is no provider "b"; did you mean "a"?',
    },
    {
      name: 'a balance without weights',
      yaml: `${oneProvider}models:\n  m: { balance: weight, targets: [{ provider: a, weight: 0 }] }\n`,
      says: 'modicum.yaml:4:17: models.m.balance: has no target with a weight above 0; give one of `targets` a weight',
    },
    {
      name: 'an unknown fallback',
      yaml: `${oneProvider}models:\n  m: { provider: a, fallbacks: [smal] }\n  small: { provider: a }\n`,
      says: 'modicum.yaml:4:33: models.m.fallbacks[0]: "smal" is neither a name under models nor provider/model; did you mean "small"?',
    },
    {
      name: 'a fallback to itself',
      yaml: `${oneProvider}models:\n  m: { provider: a, onContextOverflow: [m] }\n`,
      says: 'modicum.yaml:4:41: models.m.onContextOverflow[0]: is the model itself; name another one',
    },
    {
      name: 'unknown provider of a model',
      yaml: 'providers:\n  local: { protocol: openai, baseUrl: https://a.example/v1 }\nmodels:\n  m: { provider: locla, model: x }\n',
      says: 'modicum.yaml:4:18: models.m.provider: there is no provider "locla"; did you mean "local"?',
    },
    {
      name: 'model outside the list of its provider',
      yaml: 'providers:\n  a: { protocol: openai, baseUrl: https://a.example/v1, models: [x] }\nmodels:\n  m: { provider: a, model: z }\n',
      says: 'modicum.yaml:4:28: models.m.model: providers.a.models does not list "z"; add it there',
    },
    {
      name: 'key file that is not there',
      yaml: 'providers:\n  a: { protocol: openai, baseUrl: https://a.example/v1, apiKeyFile: gone }\n',
      says: 'modicum.yaml:2:69: providers.a.apiKeyFile: the file cannot be read (ENOENT)',
    },
    {
      name: 'key command that fails',
      yaml: 'providers:\n  a: { protocol: openai, baseUrl: https://a.example/v1, apiKeyCommand: [sh, -c, "echo sk-secret; exit 3"] }\n',
      says: 'modicum.yaml:2:72: providers.a.apiKeyCommand: the command failed (exit code 3)',
    },
    {
      name: 'same key twice',
      yaml: 'dataDir: a\ndataDir: b\n',
      says: 'modicum.yaml:2:1: cannot be read: map keys must be unique',
    },
    {
      name: 'broken YAML',
      yaml: 'server:\n  port: [1\ndataDir: b\n',
      says: 'modicum.yaml:3:1: cannot be read: flow sequence in block collection must be sufficiently indented and end with a ]',
    },
    {
      name: 'unknown tag',
      yaml: 'dataDir: !secret x\n',
      says: 'modicum.yaml:1:10: cannot be read: unresolved tag: !secret',
    },
    {
      name: 'alias of itself',
      yaml: 'server: &a\n  limits: { x: *a, y: *a }\n',
      says: 'modicum.yaml:2:3: server: is nested too deeply; at most 32 levels are read',
    },
    { name: 'alias of nothing', yaml: 'server:\n  host: *a\n', says: 'modicum.yaml:2:9: cannot be read: there is no anchor &a' },
    {
      name: 'aliases of aliases',
      yaml: `a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\n`,
      says: 'modicum.yaml: has too many aliases; write the values out',
    },
    {
      name: 'several documents',
      yaml: 'dataDir: a\n---\ndataDir: b\n',
      says: 'modicum.yaml:2:1: cannot be read: source contains multiple documents; please use YAML.parseAllDocuments()',
    },
    { name: 'a list', yaml: '- a\n', says: 'modicum.yaml:1:1: a list is not a group of options' },
    {
      name: 'too large a file',
      yaml: `# ${'x'.repeat(maxConfigBytes - 2)}\n`,
      says: `modicum.yaml: the file is larger than ${maxConfigBytes} bytes`,
    },
  ];
  for (const { name, yaml, env = {}, says } of cases) test(name, async () => assert.equal(await messageOf(load(yaml, { env })), says));
});

test('an error carries its parts', async () => {
  const error: unknown = await load('server:\n  prot: 4000\n').catch((thrown: unknown) => thrown);
  assert.ok(error instanceof ConfigError);
  assert.deepEqual(error.issues, [
    {
      file: 'modicum.yaml',
      place: { line: 2, column: 3 },
      path: ['server', 'prot'],
      problem: 'unknown option',
      fix: 'did you mean "port"?',
    },
  ]);
});
