import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import OpenAI from 'openai';
import { ran } from '../src/cli/testing.ts';
import type { BudgetView } from '../src/compose/budget-admin.ts';
import type { ConfigInput } from '../src/config/schema.ts';
import type { CallRecord } from '../src/core/record.ts';
import { scripted, words } from './calls.ts';
import { startGateway, startStand, temporaryFolder, until, vendorsAt, type Cleanup, type Stand, type StandOptions } from './harness.ts';
import { startUpstream } from './upstream.ts';

const dollar = 1_000_000_000;

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly message: string;
}

const start = (t: Cleanup, config: Partial<ConfigInput>, more: StandOptions = {}): Promise<Stand> => startStand(t, { ...more, config });

/** One chat call, read to its end. */
async function ask(stand: Stand, more: object = {}, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  const body = { model: 'gpt-5-mini', messages: [{ role: 'user', content: 'Tell me about the sea.' }], ...more };
  const response = await fetch(`${stand.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  return { status: response.status, headers: response.headers, message: await response.text() };
}

const many = (count: number, one: () => Promise<Answer>): Promise<readonly Answer[]> => Promise.all(Array.from({ length: count }, one));
const made = (answers: readonly Answer[]): number => answers.filter(({ status }) => status === 200).length;
const spentBy = (records: readonly CallRecord[]): number => records.reduce((sum, { cost }) => sum + (cost.total ?? 0), 0);

async function budgetsOf(stand: Stand): Promise<readonly BudgetView[]> {
  const response = await fetch(`${stand.url}/api/budgets`);
  assert.equal(response.status, 200);
  return ((await response.json()) as { readonly budgets: readonly BudgetView[] }).budgets;
}

/** The budget says what the ledger and the provider's own bill say, and nothing is held. */
async function assertSettled(stand: Stand, requests: number): Promise<BudgetView> {
  const records = await stand.records(requests);
  const spent = spentBy(records);
  assert.equal(BigInt(spent), stand.emulator.bill().totals.costNanoUsd);
  const [view] = await budgetsOf(stand);
  assert.deepEqual([view!.spent, view!.held], [spent, 0]);
  return view!;
}

describe('1,000 calls at one time against a hard budget of $1.00', () => {
  const budgets: ConfigInput['budgets'] = [{ name: 'all', limit: { usd: 1 }, window: 'day' }];
  /** About $0.004 each: 2,000 tokens at $2 a million. */
  const answer = scripted(words(1900));

  /** Asks until the budget refuses for good. */
  async function exhaust(stand: Stand, body: object): Promise<number> {
    let requests = 0;
    for (let count = 1000; ; count = 100) {
      const answers = await many(count, () => ask(stand, body, answer));
      requests += count;
      assert.deepEqual(
        answers.filter(({ status }) => ![200, 402, 429].includes(status)),
        [],
      );
      if (answers.every(({ status }) => status === 402)) return requests;
      await stand.records(requests);
    }
  }

  test('with honest output caps: not a nano-dollar more', async (t) => {
    const stand = await start(t, { budgets });
    const requests = await exhaust(stand, { max_completion_tokens: 2000 });
    const { spent } = await assertSettled(stand, requests);
    assert.ok(spent <= dollar, `${spent}`);
    assert.ok(spent > 0.99 * dollar, 'nearly all of it can be used');
    assert.equal((await ask(stand, { max_completion_tokens: 50 }, scripted('Blue.'))).status, 200, 'what fits is made');
  });

  test('without caps: at most what the calls under way use beyond what was reserved', async (t) => {
    const outputTokens = 500;
    const stand = await start(t, { budgets, allowances: { outputTokens } });
    const requests = await exhaust(stand, {});
    const { spent } = await assertSettled(stand, requests);
    const records = (await stand.records(requests)).filter(({ attempts }) => attempts.length > 0);
    const dearest = Math.max(...records.map(({ cost }) => cost.total ?? 0));
    // The last calls that were let in had room for what was reserved: 1,000 of them at most, of about $0.001.
    const reserved = 0.001 * dollar;
    assert.ok(spent > dollar, 'answers longer than reserved do cost more');
    assert.ok(spent <= dollar + Math.ceil(dollar / reserved) * (dearest - reserved), `${spent}`);
  });

  test('without caps, but sent: not a nano-dollar more', async (t) => {
    const stand = await start(t, { budgets, allowances: { outputTokens: 500, capOutput: true } });
    const requests = await exhaust(stand, {});
    const { spent } = await assertSettled(stand, requests);
    assert.ok(spent <= dollar && spent > 0.99 * dollar, `${spent}`);
  });
});

test('a route to a dearer model: as much is reserved as that one can cost, and not a nano-dollar more is spent', async (t) => {
  const routes: ConfigInput['routes'] = [
    { name: 'other', match: { app: 'other' }, use: { model: 'gpt-5-pro' } },
    { name: 'german', match: { headers: { 'x-tier': 'gold' } }, use: { model: 'gpt-5' } },
  ];
  const stand = await start(t, { budgets: [{ name: 'all', limit: { usd: '0.10' }, window: 'day' }], routes });
  const answers = await many(300, () => ask(stand, { model: 'gpt-5-nano', max_completion_tokens: 2000 }, { ...scripted(words(1900)), 'x-tier': 'gold' }));
  const records = await stand.records(300);
  const spent = spentBy(records);
  assert.deepEqual(new Set(records.flatMap(({ attempts }) => attempts.map(({ requestModel }) => requestModel))), new Set(['gpt-5']));
  assert.ok(made(answers) > 0 && made(answers) < 300);
  assert.ok(spent <= 0.1 * dollar, `${spent}`);
}); // prettier-ignore

test('failed, broken and abandoned calls hold nothing', async (t) => {
  const stand = await start(t, { budgets: [{ name: 'all', limit: { usd: 5 } }], resilience: { backoffMs: 1 } });
  const faulty = ['status-500', 'status-400', 'reset-mid-stream', 'reset-before-headers', 'truncated-body'].map((fault) => ({
    'x-emulator-fault': fault,
  }));
  for (const headers of faulty) await ask(stand, { stream: true }, headers).catch(() => undefined);
  const leaving = new AbortController();
  const left = fetch(`${stand.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...scripted(words(200)) },
    body: JSON.stringify({ model: 'gpt-5-mini', stream: true, messages: [{ role: 'user', content: 'Go on.' }] }),
    signal: leaving.signal,
  });
  await left.then(() => leaving.abort());
  await ask(stand, { model: 'no-such-model' });
  const records = await stand.records(faulty.length + 2);
  const [view] = await budgetsOf(stand);
  assert.deepEqual([view!.spent, view!.held], [spentBy(records), 0]);
});

describe('the SDKs make a refused call once', () => {
  const budgets: ConfigInput['budgets'] = [{ name: 'none', limit: { usd: 0 } }];
  const caught = (work: Promise<unknown>): Promise<Error & { readonly status?: number }> =>
    work.then(
      () => assert.fail('no error'),
      (error: unknown) => error as Error,
    );

  test('and show which budget it was', async (t) => {
    const stand = await start(t, { budgets });
    const openai = new OpenAI({ apiKey: 'k', baseURL: `${stand.url}/v1`, maxRetries: 2 });
    const anthropic = new Anthropic({ apiKey: 'k', baseURL: stand.url, maxRetries: 2 });
    const google = new GoogleGenAI({ apiKey: 'k', httpOptions: { baseUrl: stand.url, retryOptions: { attempts: 3 } } });
    const messages = [{ role: 'user' as const, content: 'Hi' }];
    const errors = [
      await caught(openai.chat.completions.create({ model: 'gpt-5-mini', messages })),
      await caught(anthropic.messages.create({ model: 'claude-opus-5-5', max_tokens: 10, messages })),
      await caught(google.models.generateContent({ model: 'gemini-2.5-flash', contents: 'Hi' })),
    ];
    for (const error of errors) {
      assert.equal(error.status, 402);
      assert.match(error.message, /budget .{0,2}none/);
    }
    assert.equal((await stand.records(3)).length, 3);
    assert.deepEqual(
      [...new Set((await stand.records(3)).map(({ outcome, errorCode }) => `${outcome} ${errorCode}`))],
      ['refused budget_exceeded'],
    );
    assert.equal(stand.seen.length, 0);
  });
});

test('budgets by label, a cheaper model, ceilings by header', async (t) => {
  const stand = await start(t, {
    budgets: [
      { name: 'team', match: { team: '*' }, limit: { tokens: 3000 }, window: 'total' },
      { name: 'cheap', match: { app: 'batch' }, limit: { usd: '0.03' }, window: 'day', action: 'downgrade', downgradeTo: 'gpt-5-nano' },
    ],
  });
  const body = { max_completion_tokens: 2000 };
  const answer = scripted(words(1900));
  const team = (name: string) => ask(stand, body, { ...answer, 'x-modicum-team': name });
  assert.equal((await team('a')).status, 200);
  await stand.records(1);
  const refused = await team('a');
  assert.equal(refused.status, 402);
  assert.match(refused.message, /team=a.*tokens spent.*does not reset/);
  assert.equal((await team('b')).status, 200);

  const dear = { model: 'gpt-5', ...body };
  assert.equal((await ask(stand, dear, { ...answer, 'x-modicum-app': 'batch' })).headers.get('x-modicum-budget'), null);
  await stand.records(4);
  const cheaper = await ask(stand, dear, { ...answer, 'x-modicum-app': 'batch' });
  assert.deepEqual([cheaper.status, cheaper.headers.get('x-modicum-budget')], [200, 'cheap; downgraded to gpt-5-nano']);
  assert.match(cheaper.message, /"model":"gpt-5-nano/);

  const run = { ...answer, 'x-modicum-task': 'fix-1', 'x-modicum-budget-usd': '0.005' };
  assert.equal((await ask(stand, body, run)).status, 200);
  await stand.records(6);
  assert.match((await ask(stand, body, run)).message, /run-usd.{0,3} of task=fix-1/);
  assert.equal((await ask(stand, body, { 'x-modicum-budget-usd': '0.005' })).status, 400);
});

test('an operator sets back what was counted', async (t) => {
  const stand = await start(t, { budgets: [{ name: 'all', limit: { usd: '0.005' }, window: 'month' }] });
  const call = () => ask(stand, { max_completion_tokens: 2000 }, scripted(words(1900)));
  assert.equal((await call()).status, 200);
  await stand.records(1);
  assert.equal((await call()).status, 402);
  const change = (body: object, headers: Readonly<Record<string, string>> = { 'content-type': 'application/json' }) =>
    fetch(`${stand.url}/api/budgets`, { method: 'POST', headers, body: JSON.stringify(body) });
  assert.equal((await change({ name: 'other' })).status, 404);
  assert.equal((await change({ name: 'all', spent: 'much' })).status, 400);
  assert.deepEqual(await (await change({ name: 'all' })).json(), { changed: ['all'] });
  assert.equal((await budgetsOf(stand))[0]!.spent, 0);
  await until(async () => (await call()).status === 200, 'room after the reset');
});

test('what was spent outlives a restart, and the rest is free at once', async (t) => {
  const stand = await start(t, {});
  const dataDir = await temporaryFolder(t);
  const providers = vendorsAt(stand.emulatorUrl, {});
  const config: Partial<ConfigInput> = { budgets: [{ name: 'all', limit: { usd: '0.008' }, window: 'total' }] };
  const life = async (): Promise<Stand> => ({ ...stand, ...(await startGateway(t, { providers, dataDir, config })) });
  const call = (gateway: Stand) => ask(gateway, { max_completion_tokens: 2000 }, scripted(words(1900)));
  const first = await life();
  assert.equal((await call(first)).status, 200);
  const [record] = await first.records(1);
  await first.close();
  const second = await life();
  assert.equal((await budgetsOf(second))[0]!.spent, record!.cost.total);
  assert.equal((await call(second)).status, 200);
  await second.records(1);
  assert.equal((await call(second)).status, 402);
});

test('modicum budgets shows how they stand, and changes what was counted', async (t) => {
  const stand = await start(t, {
    budgets: [
      { name: 'team', match: { team: '*' }, limit: { usd: 2 }, window: 'total' },
      { name: 'tokens', limit: { tokens: 5000 }, window: 'rolling:24h' },
    ],
  });
  assert.equal((await ask(stand, { max_completion_tokens: 50 }, { 'x-modicum-team': 'search' })).status, 200);
  const [record] = await stand.records(1);
  const run = (...words: readonly string[]) => ran(['budgets', ...words, '--url', stand.url], { columns: 160 });
  const shown = await run();
  assert.deepEqual([shown.code, shown.err], [0, '']);
  assert.match(shown.out, /^budget +of +spent +held +left +limit/);
  assert.match(shown.out, /^team +team=search +\$0\.\d+ +\$0\.00 +\$1\.\d+ +\$2\.00 +total/m);
  assert.match(shown.out, /^tokens +all +\d+ tokens +0 tokens +[\d,]+ tokens +5,000 tokens +rolling:24h/m);
  const { budgets } = JSON.parse((await run('--json')).out) as { readonly budgets: readonly BudgetView[] };
  assert.equal(budgets[0]!.spent, record!.cost.total);
  assert.equal((await run('set', 'team', '1.50', 'team=search')).out, 'team: 1.50 spent now, for team=search\n');
  assert.equal((await run('reset', 'tokens')).out, 'tokens: 0 spent now, for all\n');
  assert.deepEqual(
    (await budgetsOf(stand)).map(({ spent, left }) => [spent, left]),
    [
      [1.5 * dollar, 0.5 * dollar],
      [0, 5000],
    ],
  );
  for (const wrong of [['set', 'team', 'much'], ['reset'], ['spend']]) assert.equal((await run(...wrong)).code, 2);
  assert.match((await run('reset', 'other')).err, /no budget "other"/);
});

test('what is not metered does not go past a budget that refuses', async (t) => {
  const stand = await start(t, { budgets: [{ name: 'team', match: { team: '*' }, limit: { usd: 1 } }] });
  const pass = (headers: Readonly<Record<string, string>>) => fetch(`${stand.url}/passthrough/openai/v1/models`, { headers });
  assert.equal((await pass({ 'x-modicum-team': 'a' })).status, 403);
  assert.equal((await pass({})).status, 200);
});

test('limits: 429 with retry-after and the standing, in the words of the vendor', async (t) => {
  const stand = await start(t, { limits: [{ name: 'app', match: { app: '*' }, requests: 3, per: 'hour' }] });
  const call = (app: string) => ask(stand, {}, { 'x-modicum-app': app });
  const answers = await many(10, () => call('a'));
  assert.equal(made(answers), 3);
  const refused = answers.find(({ status }) => status === 429)!;
  assert.ok(Number(refused.headers.get('retry-after')) > 0);
  assert.equal(refused.headers.get('x-ratelimit-limit-requests'), '3');
  assert.equal((await call('b')).headers.get('x-ratelimit-remaining-requests'), '2');
});

test('a key brings its own budget and limits', async (t) => {
  const stand = await start(t, {});
  const made = await fetch(`${stand.url}/api/keys`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'ci', budget: { usd: '0.005', window: 'day' }, rateLimit: { requestsPerMinute: 100 } }),
  });
  assert.equal(made.status, 201);
  const { secret } = (await made.json()) as { readonly secret: string };
  const headers = { ...scripted(words(1900)), authorization: `Bearer ${secret}` };
  const first = await ask(stand, { max_completion_tokens: 2000 }, headers);
  assert.deepEqual([first.status, first.headers.get('x-ratelimit-limit-requests')], [200, '100']);
  await stand.records(1);
  const second = await ask(stand, { max_completion_tokens: 2000 }, headers);
  assert.equal(second.status, 402);
  assert.match(second.message, /key-ci/);
});

test('a provider that answers 429 gets no calls before its retry-after; others go to the fallback', async (t) => {
  const tired = await startUpstream(t, (_, response) => void response.writeHead(429, { 'retry-after': '60' }).end('{}'));
  const stand = await start(
    t,
    {
      allowances: { adaptive: { enabled: true } },
      models: { both: { targets: [{ provider: 'tired', model: 'm' }], fallbacks: ['anthropic/claude-haiku-4-5'] } },
    },
    { more: () => [{ name: 'tired', protocol: 'openai', baseUrl: `${tired.url}/v1`, apiKey: 'k' }] },
  );
  const body = { model: 'tired/m', max_completion_tokens: 9 };
  assert.equal((await ask(stand, body)).status, 429);
  assert.equal((await ask(stand, { ...body, model: 'both' })).status, 200);
  const refused = await ask(stand, body);
  assert.deepEqual([refused.status, Number(refused.headers.get('retry-after')) > 10], [429, true]);
  assert.equal(tired.arrived.length, 1);
});

test('a limit with a queue lets a burst wait for its turn', async (t) => {
  const stand = await start(t, { limits: [{ name: 'narrow', concurrency: 2, queue: { max: 20, deadlineMs: 10_000 } }] });
  let now = 0;
  let most = 0;
  stand.emulator.server.prependListener('request', (_, response) => {
    most = Math.max(most, (now += 1));
    response.on('close', () => (now -= 1));
  });
  assert.equal(made(await many(12, () => ask(stand))), 12);
  assert.ok(most <= 2, `${most} at one time`);
});
