import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import { skipWithoutChromium, type VisitOptions } from './browser.ts';
import { browsing, open as openPage, paths, say, settled, violations } from './dashboard.ts';
import { startStand, until } from './harness.ts';

const adminToken = 'the-token-of-the-administrator';

describe('the dashboard in a browser', { skip: skipWithoutChromium }, () => {
  const { browser, sampled } = browsing();

  const open = (t: TestContext, url: string, options?: VisitOptions) => openPage(t, browser(), url, options);

  test('with no traffic each page teaches: one command with the port of this gateway', async (t) => {
    const stand = await startStand(t);
    const { page, faults } = await open(t, stand.url);
    const { port } = new URL(stand.url);
    const ofTraffic = ['savings', 'explore', 'parts', 'cache', 'languages', 'calls', 'sessions', 'latency', 'quality'];
    for (const path of ['/', ...ofTraffic.map((name) => `/ui/${name}`)]) {
      await page.goto(path);
      const command = page.locator('.copyable code').first();
      assert.equal(await command.textContent(), `npm run -s modicum -- replay samples --url http://127.0.0.1:${port}`, path);
    }
    await page.goto('/ui/budgets');
    await page.getByText('No budget yet.').waitFor();
    await page.goto('/ui/keys');
    await page.getByText('No key yet.').waitFor();
    assert.deepEqual(faults, []);
  });

  test('the replayed sample: what is shown is what the ledger holds, and only this gateway is asked', async (t) => {
    const { page, faults, scriptBytes } = await open(t, sampled().url);
    const { totals } = sampled().report(['model']);
    await page.goto('/');
    const cost = Number(totals.costUsd).toFixed(2);
    await page.getByRole('heading', { name: 'Tokens by kind' }).waitFor();
    await page
      .locator('.lead')
      .filter({ hasText: `$${cost} spent today, $${cost} this month` })
      .waitFor();
    assert.equal(
      await page
        .locator('.tile', { hasText: /^Calls/ })
        .locator('.tile-value')
        .textContent(),
      String(totals.calls),
    );
    const bar = await page.locator('.five.big').first().getAttribute('aria-label');
    assert.match(bar!, /^Tokens: fresh input \S+, cache read \S+, cache write \S+, reasoning \S+, output \S+$/);
    assert.ok(scriptBytes() <= 150 * 1024, `${scriptBytes()} bytes of scripts, compressed`);
    assert.deepEqual(faults, []);
  });

  test('from the tile of the cost to the token map of one prompt, and back', async (t) => {
    const { page, faults } = await open(t, sampled().url);
    await page.goto('/');
    await page.locator('a.tile', { hasText: 'Cost' }).click();
    await page.getByRole('region', { name: 'Rows of the query' }).getByRole('link', { name: 'coder' }).click();
    await page.locator('.chip', { hasText: 'App is coder' }).waitFor();
    assert.equal(new URL(page.url()).searchParams.get('f'), 'app:coder');
    await page.locator('.table.live tbody a').first().click();
    const map = page.getByRole('group', { name: /Parts of the prompt/ });
    await map
      .getByRole('button', { name: /^System prompt, [\d,]+ tokens, \$/ })
      .first()
      .click();
    await page.locator('.prompt-text').first().waitFor();
    await page.getByRole('heading', { name: 'What it would cost otherwise' }).waitFor();
    await page.getByRole('region', { name: 'What it would cost otherwise' }).getByText('as part of a batch').waitFor();
    await page.goBack();
    await page.locator('.chip', { hasText: 'App is coder' }).waitFor();
    assert.deepEqual(faults, []);
  });

  test('an address holds filters, measure, breakdown and view: it opens as it was left', async (t) => {
    const { page, faults } = await open(t, sampled().url);
    await page.goto('/ui/explore?measure=calls&by=user&f=app:support&range=today');
    await page.locator('.lead', { hasText: /^Calls: \d+/ }).waitFor();
    const users = sampled()
      .report(['app', 'user'])
      .rows.filter(({ keys }) => keys['app'] === 'support');
    const rows = page.getByRole('region', { name: 'Rows of the query' }).locator('tbody tr');
    await until(
      async () => (await rows.count()) === users.length,
      () => `${users.length} rows`,
    );
    await page.getByLabel('as', { exact: true }).selectOption('time');
    await page.getByRole('heading', { name: 'Calls over time' }).waitFor();
    await page.getByRole('button', { name: 'Show as table' }).click();
    await page.getByRole('region', { name: 'Figures over time' }).waitFor();
    assert.match(page.url(), /\?measure=calls&by=user&f=app:support&range=today&view=time$/);
    await page.getByRole('button', { name: 'Take away the filter app:support' }).click();
    await until(async () => (await rows.count()) > users.length, 'rows of all apps');
    await page.goto('/ui/calls?f=app:nobody');
    await page.getByText('No call of this span passes the filters.').waitFor();
    assert.deepEqual(faults, []);
  });

  test('calls appear as they are made, wait while paused, and are found by words', async (t) => {
    const { page, faults } = await open(t, sampled().url);
    await page.goto('/ui/calls?range=today');
    await page.getByText('Live', { exact: true }).waitFor();
    await say(sampled().url, 'live-one');
    await page.locator('.table.live').getByText('live-one').waitFor();
    await page.getByRole('button', { name: 'Pause' }).click();
    await say(sampled().url, 'live-two');
    await page.getByText('Paused, 1 new').waitFor();
    assert.equal(await page.locator('.table.live').getByText('live-two').count(), 0);
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.locator('.table.live').getByText('live-two').waitFor();
    await page.getByRole('searchbox').fill('live-two gpt-5-mini');
    await page.getByText(/, 1 found/).waitFor();
    assert.equal(await page.locator('.table.live tbody a').count(), 1);
    assert.match(page.url(), /q=live-two\+gpt-5-mini/);
    assert.deepEqual(faults, []);
  });

  test('a session shows how its context grew, turn by turn', async (t) => {
    const { page, faults } = await open(t, sampled().url);
    await page.goto('/ui/sessions?range=today');
    await page.getByRole('region', { name: 'By session' }).locator('tbody a').first().click();
    await page.locator('.lead', { hasText: /the context went from \S+ to \S+ tokens/ }).waitFor();
    await page.locator('svg[aria-label^="Tokens of context per turn"]').waitFor();
    assert.deepEqual(faults, []);
  });

  test('without a mouse: the palette goes anywhere, J and Enter open a call', async (t) => {
    const { page, faults } = await open(t, sampled().url);
    await page.goto('/');
    await page.getByRole('heading', { name: 'Tokens by kind' }).waitFor();
    await page.keyboard.press('Control+k');
    await page.keyboard.type('calls');
    await page.keyboard.press('Enter');
    await page.getByRole('region', { name: /^Calls\. J and K/ }).focus();
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Token map' }).waitFor();
    assert.deepEqual(faults, []);
  });

  test('a budget is made for a new key, whose secret is shown once, and holds', async (t) => {
    const stand = await startStand(t);
    const { page, faults } = await open(t, stand.url);
    await page.goto('/ui/budgets');
    await page.getByRole('button', { name: 'New budget' }).click();
    await page.getByLabel('Name', { exact: true }).fill('shop');
    await page.getByLabel('Budget a month, in dollars').fill('0.01');
    await page.getByRole('button', { name: 'Make the key' }).click();
    const secret = await page.locator('dialog .copyable code').first().textContent();
    assert.match(secret!, /^mod-[0-9A-Za-z]{49}$/);
    const { status } = await say(stand.url, 'shop', { authorization: `Bearer ${secret}` }, { max_tokens: 100_000 });
    assert.equal(status, 402, 'the call could cost more than is left');
    await page.goto('/ui/keys');
    const row = page.getByRole('row', { name: /^shop active/ });
    await row.getByRole('button', { name: 'Revoke shop' }).click();
    await page.getByRole('button', { name: 'Revoke for good' }).click();
    await page.getByRole('row', { name: /^shop revoked/ }).waitFor();
    assert.equal((await say(stand.url, 'shop', { authorization: `Bearer ${secret}` })).status, 401);
    assert.doesNotMatch(await page.content(), new RegExp(secret!));
    assert.deepEqual(faults, []);
  });

  test('an alert is made, tested, silenced and taken away', async (t) => {
    const stand = await startStand(t);
    const { page, faults } = await open(t, stand.url);
    await page.goto('/ui/alerts');
    await page.getByRole('button', { name: 'New alert' }).click();
    await page.getByLabel('Name', { exact: true }).fill('many-calls');
    await page.getByLabel('Tell when').selectOption('calls');
    await page.getByLabel('of', { exact: true }).selectOption('app');
    await page.getByLabel('Limit').fill('5');
    await page.getByRole('button', { name: 'Make the alert' }).click();
    const row = page.getByRole('row', { name: /^many-calls Calls of each app above 5 over 1 h quiet warning log here/ });
    await row.getByRole('button', { name: 'Test: many-calls' }).click();
    await page.getByText('A test of many-calls: log took it.').waitFor();
    await row.getByRole('button', { name: 'Silence 4 h: many-calls' }).click();
    await page.getByRole('row', { name: /^many-calls .* silent, ends in 4 h/ }).waitFor();
    assert.deepEqual(await violations(page), []);
    await page.getByRole('button', { name: 'Remove: many-calls' }).click();
    await page.getByRole('row', { name: /^many-calls/ }).waitFor({ state: 'detached' });
    assert.deepEqual(faults, []);
  });

  test('with a token of the administrator nothing is seen before the log-in, nor after the log-out', async (t) => {
    const stand = await startStand(t, { config: { server: { adminToken } } });
    const { page } = await open(t, stand.url);
    await page.goto('/ui/settings');
    await page.getByLabel('Token').fill('wrong');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('alert').waitFor();
    await page.getByLabel('Token').fill(adminToken);
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('heading', { name: 'Configuration in effect' }).waitFor();
    const config = page.getByRole('region', { name: 'Configuration', exact: true });
    await config.filter({ hasText: 'adminToken: ********' }).waitFor();
    assert.doesNotMatch(await page.content(), new RegExp(adminToken));
    await page.goto('/ui/budgets');
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByLabel('Token').waitFor();
  });

  test('what the gateway cannot answer is told in its own words, and asked again', async (t) => {
    const { page } = await open(t, sampled().url);
    await page.goto('/ui/calls/00000000-0000-7000-8000-000000000000');
    await page.getByRole('alert').filter({ hasText: 'No call 00000000' }).waitFor();
    await page.getByRole('button', { name: 'Try again' }).first().waitFor();
    await page.goto('/ui/nothing');
    await page.getByText('This address names no page.').waitFor();
  });

  test('the theme is the system’s until it is chosen, and the choice is kept', async (t) => {
    const { page, faults } = await open(t, sampled().url, { theme: 'dark' });
    const ground = (): Promise<string> => page.evaluate('getComputedStyle(document.body).backgroundColor');
    await page.goto('/');
    await page.getByRole('heading', { name: 'Tokens by kind' }).waitFor();
    assert.equal(await ground(), 'rgb(20, 23, 26)');
    await page.getByRole('button', { name: /^Theme/ }).click();
    assert.equal(await ground(), 'rgb(251, 251, 250)');
    await page.reload();
    assert.equal(await ground(), 'rgb(251, 251, 250)');
    assert.deepEqual(faults, []);
  });

  for (const theme of ['light', 'dark'] as const)
    test(`no page has a fault that axe finds, ${theme}`, async (t) => {
      const { page, faults } = await open(t, sampled().url, { theme });
      const [record] = (await sampled().records(30)).filter(({ labels }) => labels.session !== undefined);
      for (const path of [
        ...paths,
        `/ui/calls/${record!.id}`,
        `/ui/sessions/${encodeURIComponent(record!.labels.session!)}`,
        '/ui/explore?view=time',
      ]) {
        await page.goto(path);
        await settled(page);
        assert.deepEqual(await violations(page), [], `${path} ${theme}`);
      }
      assert.deepEqual(faults, []);
    });
});
