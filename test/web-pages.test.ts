import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import type { Recommendations } from '../src/analytics/recommendation.ts';
import { createAudit } from '../src/audit/audit.ts';
import { skipWithoutChromium, visit, type VisitOptions } from './browser.ts';
import { browsing, open as openPage, paths, say, settled, violations } from './dashboard.ts';
import { startStand, until } from './harness.ts';
import { asAdmin } from './keyed.ts';

const phone = { width: 390, height: 844 };

describe('pages of the dashboard in a browser', { skip: skipWithoutChromium }, () => {
  const { browser, sampled } = browsing();

  const open = (t: TestContext, options?: VisitOptions) => openPage(t, browser(), sampled().url, options);

  test('what is loaded before the first page is at most 150 kB of scripts, compressed', async (t) => {
    const built = join(import.meta.dirname, '../dist/web');
    const names = (await readFile(join(built, 'index.html'), 'utf8')).matchAll(/"\/ui\/(assets\/[^"]+\.js)"/g);
    const scripts = await Promise.all([...names].map(([, name]) => readFile(join(built, name!))));
    const bytes = scripts.reduce((sum, script) => sum + gzipSync(script, { level: 9 }).length, 0);
    t.diagnostic(`${bytes} bytes in ${scripts.length} scripts`);
    assert.ok(scripts.length > 0 && bytes <= 150_000, String(bytes));
  });

  test('a recommendation is a sum of money whose arithmetic opens, with the calls and the lines of configuration', async (t) => {
    const { page, faults } = await open(t);
    await page.goto('/');
    await page.getByRole('link', { name: 'Calls that nobody waits for' }).click();
    await page
      .locator('.lead', { hasText: 'The dearest habit costs about $28.56 a month; 2 to look at, in 5,507 calls for $50.75.' })
      .waitFor();
    const batch = page.locator('details', { hasText: 'Calls that nobody waits for' });
    await batch.getByText('half of $1.88 for 1,325 calls').waitFor();
    const cold = page.locator('details', { hasText: 'A time at the head' });
    assert.equal(await cold.getAttribute('open'), null);
    await cold.locator('summary').press('Enter');
    const rows = cold.getByRole('region', { name: /^Arithmetic/ }).locator('tr');
    assert.deepEqual(await rows.last().locator('td').allTextContents(), ['Net', '', '$9.52']);
    assert.equal(await cold.locator('.copyable code').textContent(), 'savings:\n  stages:\n    promptRepair: observe');
    assert.deepEqual(await violations(page), []);
    await cold.getByRole('link', { name: 'See the figures' }).click();
    await page.locator('.chip', { hasText: 'Signal is prefix:timestamp' }).waitFor();
    assert.deepEqual(faults, []);
  });

  test('recommendations of live traffic: the same call again and again is told with what it cost', async (t) => {
    const stand = await startStand(t, { config: { insight: { quality: true } } });
    for (let at = 0; at < 8; at += 1) await say(stand.url, 'shop', { 'x-modicum-session': 'cart-1' });
    await stand.records(8);
    const { page, faults } = await visit(t, browser(), stand.url);
    const { json } = await asAdmin(stand.url, 'GET', '/api/recommendations');
    const { recommendations } = json as unknown as Recommendations;
    await page.goto('/ui/recommendations?range=today');
    await settled(page);
    assert.deepEqual(
      recommendations.map(({ kind }) => kind),
      ['repeated_call'],
    );
    assert.equal(await page.locator('details').count(), 1);
    for (const { title } of recommendations) await page.getByText(title).waitFor();
    assert.deepEqual(faults, []);
  });

  test('a gateway that works out no recommendations is told so, with what to do instead', async (t) => {
    const { page } = await visit(t, browser(), sampled().url);
    await page.route('**/api/recommendations*', (route) =>
      route.fulfill({ status: 404, json: { error: { code: 'not_found', message: 'no' } } }),
    );
    await page.goto('/ui/recommendations');
    await page.getByText('npm run -s modicum -- audit .modicum').waitFor();
  });

  test('a page asks all its questions in one request', async (t) => {
    const { page } = await open(t, { now: Date.now() });
    const asked: string[] = [];
    page.on('request', (request) => asked.push(`${request.method()} ${new URL(request.url()).pathname}`));
    await page.goto('/');
    await settled(page);
    assert.deepEqual(
      asked.filter((one) => one.includes('quer')),
      ['POST /api/queries'],
    );
  });

  test('latency, quality and parts show the figures of the ledger', async (t) => {
    const { page, faults } = await open(t);
    const measures = ['latencyP50Ms', 'failures', 'calls', 'cacheReadTokens'];
    const { json } = await asAdmin(sampled().url, 'POST', '/api/query', { measures });
    const [, , calls] = (json as unknown as { readonly totals: { readonly values: readonly number[] } }).totals.values;
    await page.goto('/ui/latency?range=today');
    await page.locator('.lead', { hasText: /^Half of all calls end within .+, 19 of 20 within .+; .+ is the gateway/ }).waitFor();
    const counts = await page.getByRole('region', { name: 'By provider' }).locator('tbody td:nth-child(2)').allTextContents();
    assert.equal(
      counts.reduce((sum, text) => sum + Number(text), 0),
      calls,
    );
    await page.goto('/ui/quality?range=today');
    await page.locator('.lead', { hasText: new RegExp(`of ${calls} calls did not end well; nobody has scored one yet`) }).waitFor();
    await page.goto('/ui/parts?range=today');
    await page.locator('.lead', { hasText: /^Of [\d.]+k? input tokens .+ is what was new in the call; .+ is system prompt/ }).waitFor();
    await page.getByRole('region', { name: 'Input by app and part' }).getByRole('link', { name: 'coder' }).waitFor();
    await page.goto('/ui/languages?range=today');
    await page.getByText('insight:').waitFor();
    assert.deepEqual(faults, []);
  });

  test('a call tells its time in a sentence, and what it would cost on models in use before others', async (t) => {
    const { page, faults } = await open(t);
    const records = await sampled().records(30);
    const record = records.find(({ model, stream }) => model === 'claude-sonnet-4-5' && stream)!;
    await page.goto(`/ui/calls/${record.id}`);
    await page.getByText(/in the gateway, .+ to the first byte.*, .+ of reply, .+ tokens a second\./).waitFor();
    const used = new Set<string | undefined>(records.map(({ model }) => model));
    const otherwise = page.getByRole('region', { name: 'What it would cost otherwise' }).locator('tbody td:first-child');
    await until(
      async () => used.has((await otherwise.nth(2).textContent()) ?? undefined),
      () => 'models in use to be known',
    );
    const [first, , third] = await otherwise.allTextContents();
    assert.equal(first, 'claude-sonnet-4-5, as part of a batch');
    assert.ok(used.has(third), `${third} is a model in use`);
    assert.deepEqual(faults, []);
  });

  test('a report of the audit is shown in the browser and sent nowhere; another file is refused in words', async (t) => {
    const { page, faults } = await open(t);
    await page.goto('/ui/audit');
    await page.getByText('audit ~/.claude/projects ~/.codex/sessions').waitFor();
    await settled(page);
    const sent: string[] = [];
    page.on('request', (request) => sent.push(request.url()));
    await give(page, 'log.txt', 'no report at all');
    await page.getByRole('alert').filter({ hasText: 'no JSON' }).waitFor();
    await give(page, 'audit.json', JSON.stringify(report));
    await page.locator('.lead', { hasText: '$2.00 in 40 calls; the dearest waste costs $0.50 of it.' }).waitFor();
    const waste = page.locator('details', { hasText: 'Runaway loops' });
    await waste.getByText('calls after it had shown (gpt-5-mini)').waitFor();
    await waste.getByText('25% of all').waitFor();
    assert.deepEqual(sent, []);
    assert.deepEqual(await violations(page), []);
    assert.deepEqual(faults, []);
  });

  test('keys: a list of them, pages by G and a letter, search by a slash; they can be switched off', async (t) => {
    const { page, faults } = await open(t);
    await page.goto('/');
    await settled(page);
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate('document.activeElement.textContent'), 'To the page');
    await page.keyboard.press('?');
    const help = page.getByRole('dialog', { name: 'Keys' });
    await help.getByText('Go to a page, a breakdown, or a call by its id').waitFor();
    assert.deepEqual(await violations(page), []);
    await page.keyboard.press('Escape');
    await help.waitFor({ state: 'detached' });
    await page.keyboard.press('g');
    await page.keyboard.press('c');
    await page.getByRole('searchbox').waitFor();
    assert.equal(await page.evaluate('document.activeElement.id'), 'page', 'who hears the page begins at its head');
    await page.keyboard.press('/');
    assert.equal(await page.evaluate('document.activeElement.type'), 'search');
    await page.keyboard.type('g?');
    assert.equal(await page.getByRole('searchbox').inputValue(), 'g?');
    await page.getByRole('button', { name: 'Keys' }).click();
    await help.getByLabel('Single letters do something').uncheck();
    await page.keyboard.press('Escape');
    await page.locator('main').focus();
    await page.keyboard.press('?');
    assert.equal(await help.count(), 0);
    assert.deepEqual(faults, []);
  });

  test('a filter is made of a dimension and a value that there is', async (t) => {
    const { page, faults } = await open(t);
    await page.goto('/ui/calls?range=today&f=app:support');
    await page.getByRole('button', { name: '+ Filter' }).click();
    await page.getByLabel('Calls whose').selectOption('model');
    await page.locator('datalist option[value="gpt-5-mini"]').waitFor({ state: 'attached' });
    await page.getByRole('button', { name: 'is not' }).click();
    await page.getByLabel('Value of the filter').fill('gpt-5-mini');
    assert.deepEqual(await violations(page), []);
    await page.keyboard.press('Enter');
    await page.locator('.chip', { hasText: 'Model is not gpt-5-mini' }).waitFor();
    assert.equal(new URL(page.url()).search, '?range=today&f=app:support&f=-model:gpt-5-mini');
    assert.deepEqual(faults, []);
  });

  test('two dimensions crosswise: each figure leads to the calls it is made of', async (t) => {
    const { page, faults } = await open(t);
    await page.goto('/ui/explore?measure=calls&by=app&and=model&range=today');
    await page.getByLabel('as', { exact: true }).selectOption('cross');
    const row = page.getByRole('region', { name: 'Cross table' }).getByRole('row', { name: /^support/ });
    await row.getByRole('link').first().waitFor();
    assert.deepEqual(await violations(page), []);
    const count = await row.getByRole('link').first().textContent();
    await row.getByRole('link').first().click();
    await page.locator('.chip', { hasText: 'App is support' }).waitFor();
    await page.locator('.chip', { hasText: /^Model is/ }).waitFor();
    await page.locator('.lead', { hasText: new RegExp(`^${count} calls? for`) }).waitFor();
    await page.goto('/ui/explore?by=app&and=part&range=today');
    await page.locator('.lead', { hasText: /^Tokens of the part: / }).waitFor();
    assert.deepEqual(faults, []);
  });

  test('what is chosen on one page goes along to the next', async (t) => {
    const { page, faults } = await open(t);
    await page.goto('/ui/explore?measure=calls&by=user&f=app:support&range=today');
    await page.getByRole('navigation').getByRole('link', { name: 'Latency' }).click();
    await page.locator('.chip', { hasText: 'App is support' }).waitFor();
    assert.equal(new URL(page.url()).search, '?range=today&f=app:support');
    assert.deepEqual(faults, []);
  });

  test('an option is found in the configuration, and keys of providers are masked', async (t) => {
    const { page, faults } = await open(t);
    await page.goto('/ui/settings');
    const providers = page.getByRole('region', { name: 'Providers' });
    await providers.getByText('set, ********').first().waitFor();
    await page.getByRole('searchbox', { name: 'Find an option' }).fill('maxHeaderBytes');
    const config = page.getByRole('region', { name: 'Configuration', exact: true });
    assert.equal((await config.textContent())!.trim(), 'server:\n  limits:\n    maxHeaderBytes: 65536');
    assert.deepEqual(faults, []);
  });

  test('on a phone no page is wider than the screen, and the menu opens where it is asked for', async (t) => {
    const { page, faults } = await open(t, phone);
    const [record] = (await sampled().records(30)).filter(({ labels }) => labels.session !== undefined);
    for (const path of [...paths, `/ui/calls/${record!.id}`, `/ui/sessions/${encodeURIComponent(record!.labels.session!)}`]) {
      await page.goto(path);
      await settled(page);
      assert.equal(await page.evaluate('document.documentElement.scrollWidth - innerWidth'), 0, path);
    }
    const menu = page.getByRole('button', { name: 'Menu' });
    assert.equal(await page.getByRole('navigation').isVisible(), false);
    await menu.click();
    assert.deepEqual(await violations(page), []);
    await page.getByRole('navigation').getByRole('link', { name: 'Budgets' }).click();
    await page.getByRole('heading', { name: 'Budgets' }).waitFor();
    assert.equal(await page.getByRole('navigation').isVisible(), false, 'it shuts when it was used');
    assert.deepEqual(faults, []);
  });

  test('who asks for less motion sees none, live or not', async (t) => {
    const { page } = await open(t);
    await page.goto('/ui/calls?range=today');
    await page.getByText('Live', { exact: true }).waitFor();
    assert.equal(await page.evaluate('document.getAnimations().length'), 0);
  });

  test('a new alert shows what it would look at', async (t) => {
    const stand = await startStand(t);
    const { page, faults } = await openPage(t, browser(), stand.url);
    for (const app of ['shop', 'shop', 'desk']) await say(stand.url, app);
    await stand.records(3);
    await page.goto('/ui/alerts');
    await page.getByRole('button', { name: 'New alert' }).click();
    assert.equal(await page.evaluate('document.activeElement.type'), 'text', 'the name is asked for first');
    await page.getByLabel('Tell when').selectOption('calls');
    await page.getByText('Over the last hour it was 3.').waitFor();
    await page.getByLabel('of', { exact: true }).selectOption('app');
    await page.getByText('Over the last hour it was 2, the most of any: shop.').waitFor();
    assert.deepEqual(faults, []);
  });
});

const give = (page: Page, name: string, text: string): Promise<void> =>
  page.getByLabel(/choose it/).setInputFiles({ name, mimeType: 'application/json', buffer: Buffer.from(text) });

const empty = createAudit({ asOf: '2026-09-23' } as never).result();
const report = {
  ...empty,
  totals: { ...empty.totals, all: { ...empty.totals.all, calls: 40, cost: 2e9 } },
  findings: [
    {
      kind: 'loop',
      title: 'Runaway loops',
      advice: 'Stop a task whose steps repeat.',
      app: 'coder',
      subject: 'the same step',
      calls: 12,
      saved: 5e8,
      terms: [{ what: 'calls after it had shown', model: 'gpt-5-mini', tokens: 0, rate: 0, calls: 12, nano: 5e8 }],
      evidence: ['session.jsonl:17'],
    },
  ],
};
