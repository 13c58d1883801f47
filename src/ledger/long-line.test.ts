import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { call } from './fixtures.ts';
import { maxLineLength } from './frame.ts';
import { encodeLine } from './line.ts';
import { openLedger } from './ledger.ts';
import { withLedger } from './report.ts';

const skipped = (id: string, length: number) =>
  ({ type: 'stage.skipped', id, requestId: id, at: 1, stage: 's', reason: 'x'.repeat(length) }) as const;

test('a record at the length of a frame is kept; a longer one is dropped and told, and harms no other', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'modicum-long-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const ledger = await openLedger({ dir });
  const around = JSON.stringify(skipped('a', 0)).length;
  ledger.append(skipped('a', maxLineLength - around));
  ledger.append(skipped('b', maxLineLength - around + 1));
  ledger.append(skipped('c', 1));
  assert.equal(ledger.health().dropped, 1);
  await ledger.close();
  const ids = withLedger(dir, (database) =>
    database
      .prepare('SELECT id FROM event ORDER BY id')
      .all()
      .map(({ id }) => id),
  );
  assert.deepEqual(ids, ['a', 'c']);
});

test('a call too long in both its parts together is told with its whole length', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'modicum-long-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const alerts: string[] = [];
  const ledger = await openLedger({ dir, alert: (message) => alerts.push(message) });
  const half = Math.ceil(maxLineLength / 2);
  const long = call({ labels: { user: 'u'.repeat(half) }, bodies: { request: 'r'.repeat(half) } });
  ledger.append(long);
  assert.equal(ledger.health().dropped, 1);
  await ledger.close();
  assert.match(alerts[0]!, new RegExp(`a record of ${encodeLine(long).length} characters`));
});
