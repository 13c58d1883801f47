import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { ran } from '../src/cli/testing.ts';
import type { RuleView } from '../src/compose/rule-admin.ts';
import type { ConfigInput } from '../src/config/schema.ts';
import { scripted, words } from './calls.ts';
import { configOf, startStand, until, vendorsAt, type Cleanup, type Stand } from './harness.ts';
import { ask as request } from './keyed.ts';
import { workingFolder } from './program.ts';
import { ask, emulatorFor, many, serve, spentIn } from './served.ts';

const start = (t: Cleanup, config: Partial<ConfigInput> = {}): Promise<Stand> => startStand(t, { config });
const dollar = 1_000_000_000;

interface Answered {
  readonly status: number;
  readonly json: Record<string, unknown> | undefined;
}
const admin = (url: string, method: string, path: string, body?: unknown): Promise<Answered> =>
  request(url, { method, path: `/api/${path}`, body });
const statuses = async (url: string, calls: number, headers: Readonly<Record<string, string>> = {}): Promise<readonly number[]> => {
  const found: number[] = [];
  for (let call = 0; call < calls; call += 1) found.push((await ask(url, {}, headers)).status);
  return found;
};
async function rulesAt(url: string): Promise<readonly RuleView[]> {
  return (await admin(url, 'GET', 'budget-rules')).json!['rules'] as readonly RuleView[];
}

suite('budgets made while the gateway runs', () => {
  test('hold from the next call on, are changed, and are gone when they are removed', async (t) => {
    const { url } = await start(t);
    assert.deepEqual(await statuses(url, 1), [200]);
    const made = await admin(url, 'POST', 'budget-rules', { name: 'none', limit: { usd: 0 } });
    assert.deepEqual([made.status, made.json!['rule']], [201, { name: 'none', match: {}, limit: { usd: '0' }, window: 'month', timeZone: 'UTC', action: 'refuse', queue: { max: 100, deadlineMs: 30_000 } }]); // prettier-ignore
    assert.deepEqual(await statuses(url, 1), [402]);
    assert.equal((await admin(url, 'PATCH', 'budget-rules/none', { limit: { usd: '5' } })).status, 200);
    assert.deepEqual(await statuses(url, 1), [200]);
    assert.equal((await admin(url, 'PATCH', 'budget-rules/none', { limit: { usd: 0 } })).status, 200);
    assert.deepEqual(await statuses(url, 1), [402], 'what was leased under the higher limit does not go on');
    assert.deepEqual((await admin(url, 'DELETE', 'budget-rules/none')).json, { removed: 'none' });
    assert.deepEqual([await statuses(url, 1), await rulesAt(url)], [[200], []]);
  });

  test('are held and listed like those of the configuration, passthrough included', async (t) => {
    const stand = await start(t);
    await admin(stand.url, 'POST', 'budget-rules', { name: 'teams', match: { team: '*' }, limit: { usd: 1 } });
    await statuses(stand.url, 1, { 'x-modicum-team': 'a' });
    const [record] = await stand.records(1);
    const { json } = await admin(stand.url, 'GET', 'budgets');
    const [view] = json!['budgets'] as readonly Record<string, unknown>[];
    const { name, subject, spent, limit, source } = view!;
    assert.deepEqual({ name, subject, spent, limit, source }, { name: 'teams', subject: 'team=a', spent: record!.cost.total, limit: dollar, source: 'command' });
    assert.deepEqual((await admin(stand.url, 'POST', 'budgets', { name: 'teams', subject: 'team=a' })).json, { changed: ['team=a'] });
    const passed = await request(stand.url, { method: 'GET', path: '/passthrough/openai/v1/models', headers: { 'x-modicum-team': 'a' } });
    assert.equal(passed.status, 403);
  }); // prettier-ignore

  test('whose name the configuration has are refused, and one that came later hides them', async (t) => {
    const configured = { name: 'all', limit: { usd: 1 }, window: 'day' as const };
    const stand = await start(t, { budgets: [configured] });
    for (const [method, path, body] of [
      ['POST', 'budget-rules', { name: 'all', limit: { usd: 9 } }],
      ['PATCH', 'budget-rules/all', { limit: { usd: 9 } }],
      ['DELETE', 'budget-rules/all', undefined],
    ] as const) {
      const { status, json } = await admin(stand.url, method, path, body);
      const { code, message, fix } = json!['error'] as Readonly<Record<string, string>>;
      assert.deepEqual([status, code], [409, 'conflict'], method);
      assert.match(`${message}; ${fix}`, /"all" stands in the configuration.*change it there, or take another name/);
    }
    await admin(stand.url, 'POST', 'budget-rules', { name: 'later', limit: { tokens: 0 } });
    assert.deepEqual(await statuses(stand.url, 1), [402]);
    const providers = vendorsAt(stand.emulatorUrl, {});
    stand.app.reload(configOf({ providers, dataDir: stand.dataDir, config: { budgets: [{ name: 'later', limit: { tokens: 1e9 } }] } }));
    assert.deepEqual(await statuses(stand.url, 1), [200]);
    assert.deepEqual(
      (await rulesAt(stand.url)).map(({ name, source, isHidden }) => [name, source, isHidden]),
      [
        ['later', 'config', undefined],
        ['later', 'command', true],
      ],
    );
    assert.equal((await admin(stand.url, 'DELETE', 'budget-rules/later')).status, 200, 'what is hidden can be removed');
  });

  test('are checked like those of the configuration', async (t) => {
    const { url } = await start(t);
    await admin(url, 'POST', 'budget-rules', { name: 'b', limit: { usd: 1 } });
    const cases: readonly (readonly [string, string, unknown, number, string | undefined])[] = [
      ['POST', '', {}, 400, 'name'],
      ['POST', '', { name: 'key-a', limit: { usd: 1 } }, 400, 'name'],
      ['POST', '', { name: 'c' }, 400, 'limit'],
      ['POST', '', { name: 'c', limit: { usd: 1, tokens: 1 } }, 400, 'limit'],
      ['POST', '', { name: 'c', limit: { usd: 1 }, window: 'year' }, 400, 'window'],
      ['POST', '', { name: 'c', limit: { usd: 1 }, match: { colour: 'red' } }, 400, 'match'],
      ['POST', '', { name: 'c', limit: { usd: 1 }, action: 'downgrade' }, 400, 'downgradeTo'],
      ['POST', '', { name: 'c', limit: { usd: 1 }, more: 1 }, 400, undefined],
      ['POST', '', { name: 'b', limit: { usd: 1 } }, 409, 'name'],
      ['PATCH', '/b', { name: 'c' }, 400, 'name'],
      ['PATCH', '/b', { limit: { usd: -1 } }, 400, 'limit.usd'],
      ['PATCH', '/b', { limit: { tokens: 1 } }, 400, 'limit'],
      ['PATCH', '/b', {}, 400, 'body'],
      ['PATCH', '/c', { window: 'day' }, 404, 'name'],
      ['DELETE', '/c', undefined, 404, 'name'],
    ];
    for (const [method, path, body, status, field] of cases) {
      const answer = await admin(url, method, `budget-rules${path}`, body);
      const error = answer.json!['error'] as Readonly<Record<string, string>>;
      assert.deepEqual([answer.status, error['field']], [status, field], JSON.stringify([method, path, body, answer.json]));
    }
  });

  test('by the command line', async (t) => {
    const { url } = await start(t, { budgets: [{ name: 'all', limit: { usd: 1 }, window: 'day' }] });
    const run = (...words: readonly string[]) => ran(['budgets', ...words, '--url', url]);
    assert.deepEqual(await run('add', 'search', '--match', 'team=search', '--match', 'model=gpt-5*', '--usd', '5', '--action', 'downgrade', '--downgrade-to', 'gpt-5-nano'), { code: 0, out: 'search is added, and holds from now on.\n', err: '' });
    assert.match((await run('rules')).out, /all +config +.*usd=1.*\nsearch +command +match team=search,model=gpt-5\*; limit usd=5; .*downgradeTo gpt-5-nano/s);
    assert.equal((await run('update', 'search', '--usd', '7', '--action', 'refuse', '--match', '')).code, 0);
    const { rules } = JSON.parse((await run('rules', '--json')).out) as { readonly rules: readonly RuleView[] };
    assert.deepEqual(rules[1], { name: 'search', match: {}, limit: { usd: '7' }, window: 'month', timeZone: 'UTC', action: 'refuse', queue: { max: 100, deadlineMs: 30_000 }, source: 'command' });
    assert.deepEqual(await run('remove', 'search', '--json'), { code: 0, out: '{"removed":"search"}\n', err: '' });
    const clash = await run('add', 'all', '--usd', '1');
    assert.deepEqual([clash.code, clash.err], [1, 'error: the gateway says: the budget "all" stands in the configuration, which has the last word\n']);
    for (const words of [['add'], ['add', 'x'], ['update', 'x'], ['add', 'x', '--match', 'team', '--usd', '1'], ['grow', 'x']])
      assert.equal((await run(...words)).code, 2, words.join(' '));
  }); // prettier-ignore
});

test('rate limits are made the same way', async (t) => {
  const { url } = await start(t);
  const run = (...words: readonly string[]) => ran(['limits', ...words, '--url', url]);
  assert.equal((await run('add', 'few', '--requests', '2', '--per', 'hour')).code, 0);
  assert.deepEqual(await statuses(url, 3), [200, 200, 429]);
  assert.equal((await run('update', 'few', '--requests', '3')).code, 0);
  assert.deepEqual(await statuses(url, 2), [200, 429]);
  assert.equal((await run('remove', 'few')).code, 0);
  assert.deepEqual(await statuses(url, 1), [200]);
  assert.equal((await run('add', 'few')).code, 2);
});

test('a budget made at one of 4 workers holds in all of them at once, exactly, and after a restart', async (t) => {
  const { url: upstream } = await emulatorFor(t);
  const folder = workingFolder(t);
  const served = await serve(t, folder, upstream, { server: { workers: 4 } });
  const added = await admin(served.url, 'POST', 'budget-rules', { name: 'all', limit: { usd: '0.10' }, window: 'total' });
  assert.equal(added.status, 201);
  const answers = await many(100, () => ask(served.url, {}, scripted(words(1900))));
  const refused = answers.filter(({ status }) => status === 402 || status === 429).length;
  assert.equal(answers.filter(({ status }) => status === 200).length + refused, 100);
  assert.ok(refused > 0);
  await until(() => spentIn(served.dataDir) > 0, 'records');
  served.child.kill('SIGINT');
  await served.ended;
  const spent = spentIn(served.dataDir);
  assert.ok(spent <= 0.1 * dollar, `${spent}`);

  const again = await serve(t, folder, upstream, { server: { workers: 2 } });
  const { json } = await admin(again.url, 'GET', 'budgets');
  const [view] = json!['budgets'] as readonly Record<string, unknown>[];
  assert.deepEqual([view!['name'], view!['spent'], view!['limit']], ['all', spent, 0.1 * dollar]);
  await admin(again.url, 'PATCH', 'budget-rules/all', { limit: { usd: 0 } });
  assert.deepEqual(new Set((await many(20, () => ask(again.url))).map(({ status }) => status)), new Set([402]));
});
