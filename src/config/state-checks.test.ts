import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { configFolders, messageOf } from './testing.ts';

const { load, remove } = await configFolders();
after(remove);

test('state is on disk unless said otherwise', async () => {
  const { config } = await load('{}');
  const { engine, url, keyPrefix } = config.state;
  assert.deepEqual({ engine, url, keyPrefix }, { engine: 'sqlite', url: undefined, keyPrefix: 'modicum' });
});

for (const [state, message] of [
  ['{ engine: redis }', /redis needs state\.url/],
  ['{ engine: postgres, url: "redis://localhost" }', /is no URL of postgres/],
  ['{ engine: redis, url: localhost }', /is no URL of redis/],
  ['{ engine: memory, url: "redis://localhost" }', /the engine memory has no server/],
  ['{ keyPrefix: "a:b" }', /must be 1 to 40 of a-z/],
  ['{ engine: mysql }', /engine/],
] as const)
  test(`state ${state} is refused`, async () => assert.match(await messageOf(load(`state: ${state}`)), message));

for (const state of [
  '{ engine: redis, url: "rediss://u:p@h:6380/2" }',
  '{ engine: postgres, url: "postgresql://u@h/db" }',
  '{ engine: memory }',
])
  test(`state ${state} is taken`, async () => assert.ok((await load(`state: ${state}`)).config.state));
