import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { printConfig } from './print.ts';
import { configFolders, messageOf, oneProvider, type ConfigFolders } from './testing.ts';

describe('alerts and channels', () => {
  let folders: ConfigFolders;
  before(async () => {
    folders = await configFolders();
  });
  after(() => folders.remove());

  const alert = (when: string, more = ''): string => `${oneProvider}alerts:\n  - { name: a, when: ${when}${more} }\n`;
  for (const [yaml, says] of [
    [alert('{ event: loop }', ', to: [ops]'), /there is no channel "ops"/],
    [`${oneProvider}alerting: { to: [log, ops] }\n`, /alerting\.to.*there is no channel "ops"/s],
    [alert('{ budget: { name: b, at: [50] } }'), /there is no budget "b"/],
    [alert('{ budget: { name: "*" } }'), /`budget` needs marks/],
    [alert('{ event: rain }'), /event/],
    [alert('{ query: { measures: [costUsd] }, above: 1, event: loop }'), /must have one of/],
    [alert('{ query: { measures: [costUsd, calls] }, above: 1 }'), /measures/],
    [alert('{ query: { measures: [calls], dimensions: [team] }, anomaly: {} }'), /watches one series/],
    [alert('{ query: { measures: [calls] }, over: 93d, above: 1 }'), /at most 92d/],
    [alert('{ query: { measures: [calls] }, changePercent: 0 }'), /must not be 0/],
    [`${oneProvider}channels: { ops: { type: slack } }\n`, /slack needs url/],
    [`${oneProvider}channels: { ops: { type: email, smtp: "smtp://h" } }\n`, /email needs from, to/],
    [`${oneProvider}channels: { log: { type: command, command: [x] } }\n`, /`log` is always there/],
  ] as const)
    test(`refused: ${yaml.slice(oneProvider.length).replaceAll(/\s+/g, ' ').trim()}`, async () =>
      assert.match(await messageOf(folders.load(yaml)), says));

  test('secrets of channels come from the environment, and are not printed', async () => {
    const yaml = `${oneProvider}channels:
  hook: { type: webhook, url: "https://h.example/\${TOKEN}", secret: "\${SECRET}", headers: { x-key: "\${TOKEN}" } }
  mail: { type: email, smtp: "smtps://u:\${TOKEN}@h.example", from: a@h.example, to: [b@h.example] }
`;
    const { config } = await folders.load(yaml, { env: { TOKEN: 'token-value', SECRET: 'secret-of-sixteen' } });
    assert.equal(config.channels['hook']!.url, 'https://h.example/token-value');
    assert.doesNotMatch(printConfig(config), /token-value|secret-of-sixteen/);
  });

  test('commands that call nobody need none of these variables', async () => {
    const yaml = `${oneProvider}channels: { hook: { type: slack, url: "\${NOT_SET}" } }\nalerts: [{ name: a, when: { event: loop }, to: [hook] }]\n`;
    const { config } = await folders.load(yaml, { withoutSecrets: true });
    assert.deepEqual([config.alerts, config.channels], [[], {}]);
  });
});
