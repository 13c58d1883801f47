import assert from 'node:assert/strict';
import { after, before, type TestContext } from 'node:test';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { buildDashboard, startBrowser, visit, type Visit, type VisitOptions } from './browser.ts';
import { startStand, until, type Cleanup, type Stand } from './harness.ts';
import { startProgram, workingFolder } from './program.ts';
import { recommendations } from './recommendations.ts';

/** All pages of the menu. */
export const paths = [
  '/',
  '/ui/recommendations',
  '/ui/savings',
  '/ui/explore',
  '/ui/models',
  '/ui/parts',
  '/ui/cache',
  '/ui/languages',
  '/ui/calls',
  '/ui/sessions',
  '/ui/latency',
  '/ui/quality',
  '/ui/budgets',
  '/ui/alerts',
  '/ui/keys',
  '/ui/audit',
  '/ui/settings',
];

/** A gateway with the bodies and records of the sample conversations. */
async function startSampled(keep: Cleanup): Promise<Stand> {
  const sampled = await startStand(keep, { config: { ledger: { bodies: { store: 'on' } } } });
  const context = keep as unknown as TestContext;
  const replay = startProgram(context, ['replay', 'samples', '--url', sampled.url], { cwd: workingFolder(context) });
  const { code, err } = await replay.ended;
  assert.equal(code, 0, err);
  await sampled.records(30);
  return sampled;
}

/** For all tests of a suite: the dashboard built, a browser, and a gateway with the sample conversations. */
export function browsing(): { readonly browser: () => Browser; readonly sampled: () => Stand } {
  let browser: Browser;
  let sampled: Stand;
  const clean: (() => void | Promise<void>)[] = [];
  const keep = { after: (done: () => void | Promise<void>) => void clean.unshift(done) };
  before(async () => {
    await buildDashboard();
    browser = await startBrowser();
    keep.after(() => browser.close());
    sampled = await startSampled(keep);
  });
  after(async () => {
    for (const done of clean) await done();
  });
  return { browser: () => browser, sampled: () => sampled };
}

/** A page of the dashboard that is told made-up recommendations: few sample calls give none. */
export async function open(t: Cleanup, browser: Browser, url: string, options?: VisitOptions): Promise<Visit> {
  const made = await visit(t, browser, url, options);
  await made.page.route('**/api/recommendations*', (route) => route.fulfill({ json: recommendations }));
  return made;
}

/** Waits until nothing is being loaded. Live pages never fall silent, so what is seen is waited for. */
export async function settled(page: Page): Promise<void> {
  await page.locator('.foot', { hasText: 'Prices as of' }).waitFor();
  const lead = page.locator('.lead');
  await until(
    async () => (await page.locator('[aria-label=Loading]').count()) === 0 && (await lead.textContent())!.trim() !== '',
    'the page to be whole',
  );
}

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/** What axe finds wrong in the page as it stands. Its own script goes round the page's policy, as a tool of the browser does. */
export async function violations(page: Page): Promise<readonly string[]> {
  const session = await page.context().newCDPSession(page);
  await session.send('Runtime.evaluate', { expression: axe.source });
  const found = await page.evaluate<readonly Violation[]>(
    'axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) => violations)',
  );
  return found.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)} ${failureSummary}`));
}

export async function say(url: string, app: string, headers: Readonly<Record<string, string>> = {}, more: object = {}): Promise<Response> {
  const response = await fetch(`${url}/c/${app}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model: 'gpt-5-mini', messages: [{ role: 'user', content: 'hello' }], ...more }),
  });
  await response.arrayBuffer();
  return response;
}
