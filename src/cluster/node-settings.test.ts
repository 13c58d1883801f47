import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settingsFor } from './node-settings.ts';

const own = { flags: ['--max-semi-space-size=16'], env: { MALLOC_ARENA_MAX: '1' } };

for (const [what, execArgv, env, settings] of [
  ['nothing is set: both', [], {}, own],
  ['other flags and variables: both', ['--no-warnings'], { NODE_OPTIONS: '--trace-gc' }, own],
  ['a flag of the user', ['--max-semi-space-size=64'], {}, { ...own, flags: [] }],
  ['a flag of the user, as V8 writes it', ['--max_semi_space_size=64'], {}, { ...own, flags: [] }],
  ['a flag of the user in NODE_OPTIONS', [], { NODE_OPTIONS: '--min-semi-space-size=32 --trace-gc' }, { ...own, flags: [] }],
  ['the number of arenas', [], { MALLOC_ARENA_MAX: '8' }, { ...own, env: {} }],
  ['the number of arenas, as a tunable', [], { GLIBC_TUNABLES: 'glibc.malloc.arena_max=1' }, { ...own, env: {} }],
  ['another allocator', [], { LD_PRELOAD: '/usr/lib/libjemalloc.so.2' }, { ...own, env: {} }],
  ['all of it is unwanted', [], { MODICUM_NODE_SETTINGS: 'off' }, { flags: [], env: {} }],
] as const)
  test(`what a serving process lacks: ${what}`, () => assert.deepEqual(settingsFor({ execArgv, env }), settings));
