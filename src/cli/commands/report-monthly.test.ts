import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import type { Review } from '../../compose/review/review.ts';
import { call, temporaryDir } from '../../ledger/fixtures.ts';
import { ledgerWith, ran } from '../testing.ts';

const calls = [10, 11].flatMap((month) => Array.from({ length: 3 }, (_, at) => call({ at: Date.UTC(2026, month - 1, 5, at), labels: { app: 'shop', task: `t${month}${at}` } }))); // prettier-ignore

suite('modicum report monthly', () => {
  test('of a named month, as Markdown, as a page in a file, and as JSON, with the targets of the configuration', async (t) => {
    const dir = await ledgerWith(t, calls);
    const folder = temporaryDir(t);
    const config = join(folder, 'modicum.yaml');
    writeFileSync(config, 'insight:\n  targets: [{ measure: costPerTask, change: -20%, app: shop }]\n');
    const options = ['--data', dir, '--config', config, '--month', '2026-11'];
    const { code, out, err } = await ran(['report', 'monthly', ...options]);
    assert.equal(code, 0, err);
    assert.match(out, /^# 2026-11: \$0\.\d+ for 3 calls/);
    assert.match(out, /\| Cost per task of shop -20\.0 % \|.*\| 0\.0 % \| away \|/);
    const page = join(folder, 'review.html');
    assert.match((await ran(['report', 'monthly', ...options, '--out', page])).err, /The report is in /);
    assert.match(readFileSync(page, 'utf8'), /^<!doctype html>[\s\S]*Efficiency review of 2026-11, against 2026-10/);
    const review = JSON.parse((await ran(['report', 'monthly', ...options, '--json'])).out) as Review;
    assert.deepEqual([review.month.name, review.targets[0]!.measure, review.now[1]], ['2026-11', 'costPerTaskUsd', 3]);
  });

  test('refuses a month that is none or has not begun, a format it does not know, and another word', async (t) => {
    const dir = await ledgerWith(t, calls);
    for (const [given, says] of [
      [['monthly', '--month', '2026-13'], /--month takes a month such as 2026-11/],
      [['monthly', '--month', '2999-01'], /has not begun/],
      [['monthly', '--format', 'pdf'], /--format takes md or html/],
      [['weekly'], /takes monthly or nothing/],
    ] as const) {
      const { code, err } = await ran(['report', ...given, '--data', dir]);
      assert.equal(code, 2);
      assert.match(err, says);
    }
  });

  test('without a ledger says so and fails', async (t) => {
    const { code, err } = await ran(['report', 'monthly', '--data', join(temporaryDir(t), 'none')]);
    assert.equal(code, 1);
    assert.match(err, /No calls are recorded/);
  });
});
