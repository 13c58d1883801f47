import axe from 'axe-core';
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { auditHtml } from '../src/cli/audit/html.ts';
import { auditOf, prose, requestsForm, type Asked } from '../src/audit/read/testing.ts';
import { skipWithoutChromium, startBrowser } from './browser.ts';
import { temporaryFolder } from './harness.ts';

const notes = { files: 1, bytes: 1000, lines: 8, unknownFiles: ['<odd>.json'], brokenLines: 1, tooLongLines: 0, repeatedCalls: 0 };

const asked = Array.from({ length: 8 }, (_, index): Asked => ({
  at: Date.UTC(2026, 10, 2, 9) + index * 1000,
  session: `s${index}`,
  app: `shop <${index % 2}>`,
  model: index % 3 === 0 ? 'gpt-5.5' : 'claude-opus-5-5',
  system: prose(4000),
  tools: ['search'],
  said: [{ role: 'user', text: 'the same question' }],
  answer: { role: 'model', text: 'the same answer' },
  outputTokens: 20,
  cache: 'none',
})); // prettier-ignore

suite('the page of an audit in a browser', { skip: skipWithoutChromium }, () => {
  let browser: Browser;
  before(async () => void (browser = await startBrowser()));
  after(() => browser.close());

  for (const theme of ['light', 'dark'] as const)
    test(`asks for nothing, opens its evidence by keyboard, and has no fault that axe finds, ${theme}`, async (context) => {
      const path = join(await temporaryFolder({ after: (done) => context.after(done) }), 'audit.html');
      const result = await auditOf(requestsForm(asked, context));
      assert.ok(result.findings.length > 0);
      await writeFile(path, auditHtml(result, notes, new Date(0)));
      const page = await browser.newPage({ colorScheme: theme });
      context.after(() => page.close());
      const faults: string[] = [];
      page.on('request', (request) => request.url().startsWith('file:') || faults.push(request.url()));
      page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
      await page.goto(pathToFileURL(path).href);
      await page.locator('summary').first().focus();
      await page.keyboard.press('Enter');
      await page.getByText('requests.jsonl:').first().waitFor();
      assert.deepEqual([faults, await violations(page)], [[], []]);
    });
});

/** Axe's own script goes round the page's policy, as a tool of the browser does. */
async function violations(page: Awaited<ReturnType<Browser['newPage']>>): Promise<readonly string[]> {
  const session = await page.context().newCDPSession(page);
  await session.send('Runtime.evaluate', { expression: axe.source });
  const found = await page.evaluate<readonly { readonly id: string }[]>('axe.run(document).then(({ violations }) => violations)');
  return found.map(({ id }) => id);
}
