import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readReport } from './audit-report.ts';

const finding = { kind: 'loop', title: 'Runaway loops', advice: '', subject: '', calls: 2, saved: 5_000_000, terms: [], evidence: [] };
const report = { totals: { all: { calls: 3 } }, findings: [finding], pricesAsOf: '2026-09-23' };

test('a report of the audit is read as it is', () => assert.deepEqual(readReport(JSON.stringify(report)), report));

for (const [what, text, says] of [
  ['a page', '<!doctype html>', /no JSON/],
  ['nothing', 'null', /no report/],
  ['other JSON', '{"findings": "many"}', /no report/],
  ['a report with a broken finding', JSON.stringify({ ...report, findings: [{ title: 'loop' }] }), /no report/],
] as const)
  test(`${what} is told apart from a report, in words`, () => assert.throws(() => readReport(text), { name: 'RangeError', message: says }));
