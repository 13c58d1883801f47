import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { endSequenceBefore, firstSequenceFrom } from './block-bounds.ts';
import { openLedgerDatabase } from './database.ts';

test('the bounds of a stretch of time are found without a look at any payload', (context) => {
  const dir = mkdtempSync(join(tmpdir(), 'modicum-bounds-'));
  const database = openLedgerDatabase(dir);
  context.after(() => (database.close(), rmSync(dir, { recursive: true })));
  for (const sql of [firstSequenceFrom, endSequenceBefore]) {
    const steps = database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(0);
    assert.ok(steps.length > 0);
    for (const { detail } of steps) assert.match(String(detail), /USING COVERING INDEX/, sql);
  }
});
