import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { configFolders, messageOf } from './testing.ts';

const { load, remove } = await configFolders();
after(remove);

test('queries read the tables of the gateway unless said otherwise', async () => {
  const { config } = await load('{}');
  assert.equal(config.insight.engine, 'sqlite');
});

for (const [insight, message] of [
  ['{ engine: clickhouse }', /insight\.engine: clickhouse needs insight\.clickhouse\.url/],
  ['{ engine: clickhouse, clickhouse: { url: "localhost:8123" } }', /insight\.clickhouse\.url: must begin with http/],
  ['{ clickhouse: { database: "a b" } }', /insight\.clickhouse\.database: must be 1 to 63 letters/],
  ['{ clickhouse: { cluster: "c`; DROP" } }', /insight\.clickhouse\.cluster: must be 1 to 63 letters/],
  ['{ engine: duckdb }', /insight\.engine/],
] as const)
  test(`insight ${insight} is refused`, async () => assert.match(await messageOf(load(`insight: ${insight}`)), message));

test('a server and a cluster are taken', async () => {
  const { config } = await load('insight: { engine: clickhouse, clickhouse: { url: "https://u:p@h:8443", cluster: main } }');
  assert.deepEqual([config.insight.clickhouse.database, config.insight.clickhouse.cluster], ['modicum', 'main']);
});
