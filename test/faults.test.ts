import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import type { FaultFigures } from './faults.child.ts';

/** 10,000 for the full run. */
const calls = Number(process.env['MODICUM_FAULT_CALLS'] ?? 400);
/** What gateway, emulator and client may keep open: connections of 16 calls on both sides, and timers. */
const maxMoreResources = 40;
const maxHeapGrowthBytes = 12 * 1024 * 1024;

test(`${calls} calls to a provider with faults, by clients that leave: no crash, no leak, each recorded once with its outcome`, async (t) => {
  const script = join(import.meta.dirname, 'faults.child.ts');
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--expose-gc', script, String(calls)], { maxBuffer: 1 << 24 });
  const figures = JSON.parse(stdout) as FaultFigures;
  t.diagnostic(JSON.stringify(figures));
  assert.deepEqual([figures.records, figures.uniqueIds], [calls, calls]);
  assert.deepEqual([figures.inFlight, figures.dropped, figures.unfit, figures.errors], [0, 0, 0, []]);
  for (const outcome of ['ok', 'failed', 'truncated', 'aborted']) assert.ok(figures.outcomes[outcome]! > 0, `some calls ended ${outcome}`);
  const [resourcesEarly, resourcesLate] = figures.resources;
  assert.ok(resourcesLate <= resourcesEarly + maxMoreResources, `${resourcesEarly} -> ${resourcesLate} resources`);
  const [heapEarly, heapLate] = figures.heapBytes;
  assert.ok(heapLate <= heapEarly + maxHeapGrowthBytes, `${heapEarly} -> ${heapLate} bytes of heap`);
  assert.doesNotMatch(stderr, /Warning|Error/);
});
