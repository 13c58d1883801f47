import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test, type TestContext } from 'node:test';
import { gpt, recorded } from '../src/audit/live/testing.ts';
import { createCatalog } from '../src/catalog/catalog.ts';
import { reviewHtml } from '../src/cli/review/html.ts';
import { reviewMarkdown } from '../src/cli/review/markdown.ts';
import { readMonth, type Month } from '../src/compose/review/month.ts';
import { reviewOf, type ReviewRequest } from '../src/compose/review/review.ts';
import type { CallRecord } from '../src/core/record.ts';
import { openLedgerDatabase } from '../src/ledger/database.ts';
import { record, temporaryDir } from '../src/ledger/fixtures.ts';
import { Ingester } from '../src/ledger/ingest.ts';
import { seededRandom } from '../src/savings/random.ts';

const golden = join(import.meta.dirname, 'golden/review/monthly.md');
const month = (name: string): Month => readMonth(name)!;
const months = ['2026-09', '2026-10', '2026-11'] as const;

/** Two apps over three months. In November tasks of `shop` send more, and calls of `support` fail more often; nothing else changes. */
function traffic(): readonly CallRecord[] {
  const random = seededRandom(7);
  const uniform = (): number => random() / 2 ** 32;
  let number = 0;
  const idOf = (at: number): string => `${Math.floor(at).toString(16).padStart(12, '0').replace(/(.{8})/, '$1-')}-7000-8000-${(number++).toString(16).padStart(12, '0')}`; // prettier-ignore
  return months.flatMap((name) => {
    const { from, to } = month(name);
    const isLast = name === '2026-11';
    return ['shop', 'support'].flatMap((app) =>
      Array.from({ length: 120 }, (_, task) => {
        const begin = from + Math.floor(((to - from - 86_400_000) * (task + uniform())) / 120);
        const isHeld = task % 5 === 0;
        const unit = number;
        return Array.from({ length: 2 }, (__, turn): CallRecord => {
          const at = begin + turn * 30_000;
          const input = Math.round(900 * (0.7 + 0.6 * uniform()) * (isLast && app === 'shop' ? 1.4 : 1) * (isHeld ? 1.3 : 1));
          const isFailed = uniform() < (isLast && app === 'support' ? 0.3 : 0.05);
          const annotations = { arm: 'treatment', unit, ...(isHeld ? { treated: [], held: ['prompt-repair'] } : { treated: ['prompt-repair'], held: [] }) } as const; // prettier-ignore
          const made = recorded(gpt, {
            at,
            id: idOf(at),
            labels: { app, user: `u${task % 9}`, session: `${name}-${app}-${task}`, task: `${name}-${app}-${task}` },
            buckets: { input, output: 200 },
            outcome: isFailed ? 'failed' : 'ok',
            durationMs: 800 + 400 * uniform(),
            annotations,
          });
          return made;
        });
      }).flat(),
    );
  });
}

const nowMs = Date.UTC(2026, 11, 3);
const targets = [
  { measure: 'costPerTaskUsd', changePercent: -20 },
  { measure: 'failureShare', changePercent: -10, app: 'shop' },
] as const;

function reviewed(context: TestContext, request: Partial<ReviewRequest> = {}, records = traffic()) {
  const dir = temporaryDir(context);
  record(dir, records.toSorted((left, right) => left.at - right.at)); // prettier-ignore
  const database = openLedgerDatabase(dir);
  context.after(() => database.close());
  const ingester = new Ingester(dir, database);
  ingester.catchUp();
  ingester.rollups.catchUp();
  return reviewOf(database, createCatalog(), { month: month('2026-11'), nowMs, targets, ...request });
}

suite('the monthly report', () => {
  test('as Markdown is as it was last looked at (UPDATE_GOLDEN=1 writes it anew)', async (context) => {
    const text = reviewMarkdown(await reviewed(context));
    if (process.env['UPDATE_GOLDEN']) writeFileSync(golden, text);
    assert.equal(text, readFileSync(golden, 'utf8'));
  });

  test('tells what became dearer and worse, with how sure, and nothing that did not', async (context) => {
    const { changes, targets: results } = await reviewed(context);
    assert.deepEqual(changes.map(({ measure, app, isWorse }) => [measure, app, isWorse]), [['failures', 'support', true], ['cost', 'shop', true]]); // prettier-ignore
    const cost = changes[1]!.change;
    assert.ok(cost.low > 1 && cost.high > cost.value);
    assert.deepEqual(results.map(({ state }) => state), ['away', results[1]!.state]); // prettier-ignore
  });

  test('of two months that are alike tells no change', async (context) => {
    const { changes } = await reviewed(context, { month: month('2026-10') });
    assert.deepEqual(changes, []);
  });

  test('of a month that is not over says for how many days, and compares with the baseline that was set', async (context) => {
    const review = await reviewed(context, { nowMs: Date.UTC(2026, 10, 11), baseline: month('2026-09') });
    assert.deepEqual([review.daysSoFar, review.baseline.name], [10, '2026-09']);
    assert.match(reviewMarkdown(review), /in 10\.0 days so far/);
  });

  test('of an empty month is a report all the same', async (context) => {
    const review = await reviewed(context, { month: month('2026-05') });
    assert.match(reviewMarkdown(review), /^# 2026-05: unknown for 0 calls/);
    assert.match(reviewHtml(review), /Nothing that can be told from chance/);
  });

  test('as a page holds its charts itself and asks for nothing; names of apps are no markup', async (context) => {
    const records = traffic().map((each) => (each.labels.app === 'shop' ? { ...each, labels: { ...each.labels, app: '<b>|shop' } } : each));
    const review = await reviewed(context, {}, records);
    const page = reviewHtml(review);
    assert.ok((page.match(/<svg/g) ?? []).length >= 4);
    assert.doesNotMatch(page, /<script|https?:|src=|<b>\|shop/);
    assert.match(page, /default-src 'none'/);
    assert.match(page, /&lt;b&gt;\|shop/);
    assert.doesNotMatch(reviewMarkdown(review), /<b>\|shop/);
  });
});
