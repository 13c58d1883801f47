import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, Query } from '../src/analytics/query.ts';
import { queriesAtOnce, type BatchAnswer } from '../src/compose/insight.ts';
import type { ConfigInput } from '../src/config/schema.ts';
import { sendJson } from './client.ts';
import { patienceMs, startGateway, temporaryFolder, vendorsAt, type Cleanup, type Gateway } from './harness.ts';
import { adminToken, asAdmin } from './keyed.ts';
import { startProgram } from './program.ts';
import { answerChat, startUpstream } from './upstream.ts';

const byText = (one: unknown, other: unknown): number => (String(one) < String(other) ? -1 : 1);

const config = { server: { adminToken }, ledger: { bodies: { store: 'on' } } } as const;
const body = { model: 'gpt-5-mini', messages: [{ role: 'user', content: 'hello' }] };

async function started(t: Cleanup, more: Partial<ConfigInput> = {}): Promise<Gateway> {
  const upstream = await startUpstream(t, answerChat);
  return startGateway(t, { providers: vendorsAt(upstream.url, {}), config: { ...config, ...more }, dataDir: await temporaryFolder(t) });
}

const send = ({ url }: Gateway, headers: Readonly<Record<string, string>>, more: object = {}) =>
  sendJson(`${url}/v1/chat/completions`, { ...body, ...more }, headers);

async function ask({ url }: Gateway, query: unknown): Promise<Answer> {
  const { status, json, text } = await asAdmin(url, 'POST', '/api/query', query);
  assert.equal(status, 200, text);
  return json as unknown as Answer;
}

/** Calls get into the tables about a second after they were made. */
async function until(gateway: Gateway, query: Query, is: (answer: Answer) => boolean): Promise<Answer> {
  for (const end = Date.now() + patienceMs; ; await sleep(100)) {
    const answer = await ask(gateway, query);
    if (is(answer) || Date.now() > end) return answer;
  }
}

const calls: Query = { measures: ['calls'] };
const counted = (count: number) => (answer: Answer) => answer.totals.values[0] === count;

suite('questions to a running gateway', () => {
  test('are answered from its ledger; calls, one call and a session are told in full', async (t) => {
    const gateway = await started(t);
    for (const app of ['shop', 'shop', 'desk']) await send(gateway, { 'x-modicum-app': app, 'x-modicum-session': `of-${app}` });
    await until(gateway, calls, counted(3));
    const byApp = await ask(gateway, { measures: ['calls', 'costUsd'], dimensions: ['app'] });
    assert.deepEqual(byApp.rows.map(({ keys, values }) => [...keys, values[0]]).toSorted(byText), [['desk', 1], ['shop', 2]]); // prettier-ignore

    const list = async (search: string) => (await asAdmin(gateway.url, 'GET', `/api/calls?${search}`)).json as unknown as Listed;
    const first = await list('limit=2');
    assert.equal(first.calls.length, 2);
    const second = await list(`limit=2&before=${first.next}`);
    assert.deepEqual([second.calls.length, second.next], [1, undefined]);
    assert.equal((await list('filter=app:desk')).calls.length, 1);
    assert.equal((await list('filter=-app:desk&search=gpt-5%20of-shop')).calls.length, 2);
    assert.equal((await list('search=nowhere')).calls.length, 0);
    const { id } = second.calls[0]!.record;
    assert.deepEqual((await list(`search=${id}`)).calls.map(({ record }) => record.id), [id]); // prettier-ignore

    const { json: one } = await asAdmin(gateway.url, 'GET', `/api/calls/${id}`);
    const told = one as unknown as { record: { attempts: unknown[]; parts: object }; bodies: { request: { text: string } }; score: null };
    assert.deepEqual([told.record.attempts.length, told.score, JSON.parse(told.bodies.request.text)], [1, null, body]);
    const { json: session } = await asAdmin(gateway.url, 'GET', '/api/sessions/of-shop');
    const { growth } = session as unknown as { growth: { grown: number; inputTokens: number }[] };
    assert.deepEqual([growth.length, growth[1]!.grown], [2, growth[1]!.inputTokens - growth[0]!.inputTokens]);
  });

  test('many at once are answered in one request, each by itself: a wrong one spoils no other', async (t) => {
    const gateway = await started(t);
    await send(gateway, { 'x-modicum-app': 'shop' });
    await until(gateway, calls, counted(1));
    const batch = async (queries: unknown) => asAdmin(gateway.url, 'POST', '/api/queries', { queries });
    const { status, json } = await batch([calls, { measures: ['wishes'] }, { ...calls, dimensions: ['app'] }]);
    assert.equal(status, 200);
    const [first, wrong, byApp] = (json as unknown as { readonly answers: readonly BatchAnswer[] }).answers;
    assert.deepEqual((first as Answer).totals.values, [1]);
    assert.ok(
      'error' in wrong! && wrong.error.code === 'invalid_request' && wrong.error.message.startsWith('measures'),
      JSON.stringify(wrong),
    );
    assert.deepEqual((byApp as Answer).rows[0]!.keys, ['shop']);
    assert.equal((await batch(Array.from({ length: queriesAtOnce }, () => calls))).status, 200);
    for (const refused of [[], 'calls', Array.from({ length: queriesAtOnce + 1 }, () => calls)])
      assert.equal((await batch(refused)).status, 400);
  });

  test('that are wrong are refused by field', async (t) => {
    const gateway = await started(t);
    for (const [query, field] of [
      [{ measures: ['cost'] }, 'measures[0]'],
      [{ measures: ['calls'], bucket: 'year' }, 'bucket'],
      [{ measures: ['calls'], filters: [{ dimension: 'app' }] }, 'filters[0].values'],
    ] as const) {
      const { status, json } = await asAdmin(gateway.url, 'POST', '/api/query', query);
      assert.deepEqual([status, (json!['error'] as { field: string }).field], [400, field]);
    }
    for (const path of ['/api/calls?limit=many', '/api/calls?filter=nothing:x', '/api/calls?before=nowhere'])
      assert.equal((await asAdmin(gateway.url, 'GET', path)).status, 400, path);
    for (const path of ['/api/calls/nowhere', '/api/sessions/nowhere'])
      assert.equal((await asAdmin(gateway.url, 'GET', path)).status, 404, path);
  });

  test('are told of new calls as they come, until the client leaves', async (t) => {
    const gateway = await started(t);
    await send(gateway, { 'x-modicum-app': 'before' });
    await until(gateway, calls, counted(1));
    const leaving = new AbortController();
    const response = await fetch(`${gateway.url}/api/tail`, {
      headers: { authorization: `Bearer ${adminToken}` },
      signal: leaving.signal,
    });
    assert.equal(response.headers.get('content-type'), 'text/event-stream');
    await send(gateway, { 'x-modicum-app': 'after' });
    let text = '';
    for await (const chunk of response.body!) {
      text += Buffer.from(chunk).toString();
      if (text.includes('data: ') && text.endsWith('\n\n')) break;
    }
    leaving.abort();
    const events = text.split('\n\n').filter((event) => event.startsWith('event: call'));
    const apps = events.map((event) => (JSON.parse(event.slice(event.indexOf('data: ') + 6)) as Listed['calls'][number]).record.labels.app);
    assert.deepEqual(apps, ['after']);
  });
});

interface Listed {
  readonly calls: readonly { readonly record: { readonly id: string; readonly labels: { readonly app?: string } } }[];
  readonly next?: string;
}

suite('what calls tell about their quality', () => {
  test('is in the record: languages with their share of the tokens, second tries, answers that are not what was asked for', async (t) => {
    const gateway = await started(t, { insight: { language: true } });
    const spoken = (content: string, more: object = {}) => ({ messages: [{ role: 'user', content }], ...more });
    const labels = { 'x-modicum-session': 's' };
    const german = spoken('Wie viele Bestellungen sind gestern noch angekommen?');
    await send(gateway, labels, german);
    await send(gateway, labels, german);
    const schema = { type: 'object', properties: { n: { type: 'number' } } };
    const asked = { response_format: { type: 'json_schema', json_schema: { name: 'n', schema } } };
    await send(gateway, { 'x-modicum-session': 't' }, spoken('How many of the orders came in yesterday, please?', asked));
    const bySignal = await until(gateway, { measures: ['calls'], dimensions: ['signal'] }, counted(3));
    assert.deepEqual(bySignal.rows.map(({ keys, values }) => `${keys[0]} ${values[0]}`).toSorted(), [
      'invalid_json 1',
      'null 1',
      'regenerated 1',
    ]);
    const { json } = await asAdmin(gateway.url, 'GET', '/api/languages');
    const { languages } = json as unknown as { languages: { language: string; calls: number; dueToLanguage: number }[] };
    const told = languages.map(({ language, calls: made, dueToLanguage }) => `${language} ${made} ${dueToLanguage.toFixed(2)}`);
    assert.deepEqual(told.toSorted(), ['de 2 0.21', 'en 1 0.00']);
    const { out } = await startProgram(t, ['languages', '--data', gateway.dataDir], { cwd: gateway.dataDir }).ended;
    assert.match(out, /de +2 .* 21%\n/);
  });
});

suite('feedback', () => {
  const scored: Query = { measures: ['scoredCalls', 'score'], dimensions: ['app'] };

  test('about a call, a task or a session is in the scores; the newest counts, and sent twice it counts once', async (t) => {
    const gateway = await started(t);
    await send(gateway, { 'x-modicum-app': 'a', 'x-modicum-task': 't' });
    await send(gateway, { 'x-modicum-app': 'b', 'x-modicum-session': 's' });
    const id = (await send(gateway, { 'x-modicum-app': 'c' })).headers['x-modicum-request-id'];
    const give = async (feedback: object) => (await asAdmin(gateway.url, 'POST', '/api/feedback', feedback)).status;
    assert.deepEqual(
      [
        await give({ task: 't', score: 0.25, label: 'meh', comment: 'could be shorter' }),
        await give({ session: 's', score: 0.5 }),
        await give({ callId: id, score: -1, id: 'mine' }),
        await give({ call: id, score: 0.75, id: 'another' }),
        await give({ callId: id, score: -1, id: 'mine' }),
      ],
      [202, 202, 202, 202, 202],
    );
    const answer = await until(gateway, scored, ({ totals }) => totals.values[0] === 3 && totals.values[1] === 0.5);
    assert.deepEqual(answer.rows.map(({ keys, values }) => [...keys, ...values]).toSorted(byText), [['a', 1, 0.25], ['b', 1, 0.5], ['c', 1, 0.75]]); // prettier-ignore
  });

  test('that is about nothing, about two things or not on the scale is refused', async (t) => {
    const gateway = await started(t);
    const refused: readonly object[] = [
      { score: 1 },
      { call: 'a', task: 'b', score: 1 },
      { call: 'a' },
      { call: 'a', score: 1001 },
      { call: 'a', score: '1' },
      { call: 'a', score: 1, more: 1 },
    ];
    for (const feedback of refused)
      assert.equal((await asAdmin(gateway.url, 'POST', '/api/feedback', feedback)).status, 400, JSON.stringify(feedback));
  });

  test('and questions go by the command line too', async (t) => {
    const gateway = await started(t);
    await send(gateway, { 'x-modicum-app': 'a', 'x-modicum-task': 't' });
    await until(gateway, calls, counted(1));
    const run = (...words: string[]) => startProgram(t, words, { cwd: gateway.dataDir, env: { MODICUM_ADMIN_TOKEN: adminToken } }).ended;
    const given = await run('feedback', '--task', 't', '--score', '0.5', '--url', gateway.url);
    assert.deepEqual([given.code, given.out], [0, 'Score 0.5 for the task t is recorded.\n']);
    await until(gateway, scored, ({ totals }) => totals.values[0] === 1);
    const asked = ['query', '--measures', 'calls,cost,score', '--by', 'app', '--since', '1h', '--data', gateway.dataDir];
    const { rows } = JSON.parse((await run(...asked, '--json')).out) as Answer;
    assert.deepEqual([rows[0]!.keys, rows[0]!.values[0], rows[0]!.values[2]], [['a'], 1, 0.5]);
    assert.match(
      (await run(...asked, '--csv', '--bucket', 'day', '--compare', 'previous')).out,
      /^time,app,calls,costUsd,score,calls before/,
    );
    assert.match((await run(...asked)).out, /app +calls +costUsd +score\n/);
    const wrong = await run('query', '--measures', 'nonsense', '--data', gateway.dataDir);
    assert.deepEqual([wrong.code, /there is no measure "nonsense"/.test(wrong.err)], [2, true]);
  });
});
