import assert from 'node:assert/strict';
import { suite, test, type TestContext } from 'node:test';
import { openLedgerDatabase } from '../database.ts';
import { call, record, temporaryDir } from '../fixtures.ts';
import { Ingester } from '../ingest.ts';
import { callsBehind } from './calls.ts';

/** Twelve calls, of two sessions in turn. */
function ledger(context: TestContext) {
  const dir = temporaryDir(context);
  const calls = Array.from({ length: 12 }, (_, at) => call({ at: Date.UTC(2026, 10, 25, 12, at), labels: { session: at % 2 === 0 ? 'even' : 'odd' } })); // prettier-ignore
  record(dir, calls);
  const database = openLedgerDatabase(dir);
  context.after(() => database.close());
  new Ingester(dir, database).catchUp();
  return database;
}

const minutes = (calls: ReturnType<typeof callsBehind>['calls']) =>
  calls.map(({ json }) => new Date((JSON.parse(json) as { readonly record: { readonly at: number } }).record.at).getUTCMinutes());

suite('calls behind a sequence', () => {
  test('without one: none, and where to go on', (context) => {
    assert.deepEqual(callsBehind(ledger(context), { behind: undefined, limit: 5 }), { calls: [], skipped: 0, through: 12 });
  });

  test('all of them, as long as they are no more than the limit', (context) => {
    const { calls, skipped, through } = callsBehind(ledger(context), { behind: 7, limit: 5 });
    assert.deepEqual([minutes(calls), skipped, through], [[7, 8, 9, 10, 11], 0, 12]);
  });

  test('beyond it the newest, and how many passed', (context) => {
    const { calls, skipped, through } = callsBehind(ledger(context), { behind: 6, limit: 5 });
    assert.deepEqual([minutes(calls), skipped, through], [[7, 8, 9, 10, 11], 1, 12]);
  });

  test('of one session, others are neither shown nor counted', (context) => {
    const { calls, skipped, through } = callsBehind(ledger(context), { behind: 0, session: 'odd', limit: 2 });
    assert.deepEqual([minutes(calls), skipped, through], [[9, 11], 4, 12]);
  });

  test('none when nothing came', (context) => {
    assert.deepEqual(callsBehind(ledger(context), { behind: 12, limit: 5 }), { calls: [], skipped: 0, through: 12 });
  });
});
