import assert from 'node:assert/strict';
import { suite, test, type TestContext } from 'node:test';
import { parse } from 'yaml';
import type { Finding } from '../../audit/finding.ts';
import { kinds, type FindingKind } from '../../audit/kinds.ts';
import { catalog, claude, gpt, recorded, start, traffic } from '../../audit/live/testing.ts';
import { recommendationKinds } from '../../analytics/recommendation.ts';
import { checkedQuery } from '../../analytics/check.ts';
import { configSchema } from '../../config/schema.ts';
import { newId } from '../../core/id.ts';
import type { CallRecord } from '../../core/record.ts';
import { openLedgerDatabase } from '../../ledger/database.ts';
import { record, temporaryDir } from '../../ledger/fixtures.ts';
import { Ingester } from '../../ledger/ingest.ts';
import { actionOf } from './action.ts';
import { recommend, type RecommendRequest } from './recommend.ts';

const end = start + 30 * 86_400_000;

function recommended(context: TestContext, records: readonly CallRecord[], request: Partial<RecommendRequest> = {}) {
  const dir = temporaryDir(context);
  record(dir, records.map((each) => ({ ...each, id: newId(each.at) }))); // prettier-ignore
  const database = openLedgerDatabase(dir);
  context.after(() => database.close());
  new Ingester(dir, database).catchUp();
  return recommend(database, catalog, { from: start, to: end, nowMs: end, ...request });
}

const again = (count: number, app = 'faq'): CallRecord[] =>
  Array.from({ length: count }, (_, at) => recorded(gpt, { at: start + at * 60_000, labels: { app }, buckets: { input: 1000, output: 200 }, bodies: { request: 'same' } })); // prettier-ignore

suite('recommendations out of a ledger', () => {
  test('of clean traffic there are none', (context) => {
    const { recommendations, calls, unpriced, isCut } = recommended(context, traffic(claude));
    assert.deepEqual([recommendations, calls, unpriced, isCut], [[], 120, 0, false]);
  });

  test('say what, how much, how that was reckoned, how sure it is, where it shows, and what to write', (context) => {
    const { recommendations, costUsd } = recommended(context, again(5));
    assert.equal(costUsd, '0.055');
    const [{ id, evidence, ...first }] = recommendations as [(typeof recommendations)[number]];
    assert.deepEqual(first, {
      kind: 'repeated_call',
      title: 'Identical calls, answered before in faq: gpt-5.5',
      advice: 'Let a reply cache answer them.',
      app: 'faq',
      subject: 'gpt-5.5',
      calls: 4,
      savedUsd: '0.044',
      basis: 'measured',
      arithmetic: [{ text: '4 calls answered before (gpt-5.5): 0.044 USD', calls: 4, usd: '0.044' }],
      action: {
        guide: 'docs/guide/reply-cache.md',
        config: 'savings:\n  stages: { exactCache: observe }\ncache:\n  exact:\n    overrides:\n      - { match: { app: faq }, deterministicOnly: false }\n', // prettier-ignore
      },
      confidence: {
        level: 'high',
        why: 'The same bytes were answered and paid for before. Whether the former answer would do is for you to say.',
      },
    });
    assert.match(id, /^[0-9a-f-]{36}$/);
    assert.deepEqual(evidence.query, { measures: ['costUsd', 'calls'], dimensions: ['model'], filters: [{ dimension: 'app', values: ['faq'] }, { dimension: 'model', values: ['gpt-5.5'] }], from: start, to: end, order: { by: 'costUsd' }, limit: 100 }); // prettier-ignore
    assert.equal(evidence.link, `/ui/explore?range=${start}-${end}&f=app:faq&f=model:gpt-5.5&measure=costUsd&by=model`);
    assert.equal(evidence.calls.length, 4);
  });

  test('stand in the order of their money, under an id that stays', (context) => {
    const both = [...again(3, 'little'), ...again(9, 'much')];
    const [first, second] = recommended(context, both).recommendations;
    assert.deepEqual([first!.app, second!.app], ['much', 'little']);
    assert.equal(recommended(context, both, { to: end - 1 }).recommendations[0]!.id, first!.id);
  });

  test('of more calls than are looked at, the newest are, and the answer says so', (context) => {
    const { calls, isCut, from, recommendations } = recommended(context, again(10), { maxCalls: 4 });
    assert.deepEqual([calls, isCut, from, recommendations[0]!.calls], [4, true, start + 6 * 60_000, 3]);
    assert.equal(recommended(context, again(10), { maxCalls: 10 }).isCut, false);
  });

  test('only calls of the span count', (context) => {
    const { calls, recommendations } = recommended(context, again(10), { from: start + 8 * 60_000 });
    assert.deepEqual([calls, recommendations], [2, []]);
  });

  test('long answers are told with a limit that spares much, and not where hardly any lie beyond it', (context) => {
    const answers = (tail: number): CallRecord[] =>
      Array.from({ length: 400 }, (_, at) => {
        const isTail = at % 40 === 39;
        return recorded(gpt, { at: start + at * 1000, labels: { app: 'chat', user: `u${at}` }, finishReason: isTail ? 'length' : 'stop', buckets: { input: 500, output: isTail ? tail : 100 } }); // prettier-ignore
      });
    const [found] = recommended(context, answers(4000)).recommendations;
    assert.equal(found!.kind, 'verbose_output');
    assert.match(found!.action.config, /chat: \{ outputLimits: \{ maxOutputTokens: 112 \} \}/);
    assert.equal(found!.savedUsd, String((10 * (4000 - 112) * 30) / 1e6));
    assert.deepEqual(recommended(context, answers(180)).recommendations, []);
  });

  test('every query that shows evidence can be asked', (context) => {
    const all = [...again(5), ...traffic(gpt, { sessions: 1, app: 'agent' }).map((each, at) => (at < 5 ? each : { ...each, annotations: { signals: ['loop:repeat'] } }))]; // prettier-ignore
    const { recommendations } = recommended(context, all);
    assert.deepEqual(recommendations.map(({ kind }) => kind).toSorted(), ['loop', 'repeated_call']);
    for (const { evidence } of recommendations) assert.doesNotThrow(() => checkedQuery(evidence.query));
  });
});

suite('configuration that acts on a finding', () => {
  const about: Finding['about'] = {
    model: 'm.1',
    otherModel: 'small',
    signals: ['prefix:timestamp', 'prefix:tool_order'],
    stage: 'exact-cache',
  };
  for (const kind of Object.keys(kinds) as FindingKind[])
    for (const app of ['shop', 'my app: #1', 'yes', undefined])
      test(`${kind}, ${app}`, () => {
        const { config, guide } = actionOf({ kind, app, about });
        assert.match(guide, /^docs\/guide\/[a-z-]+\.md$/);
        if (config === '') return;
        const { success, error } = configSchema.safeParse(parse(config));
        assert.ok(success, `${config}\n${error?.message}`);
        if (app !== undefined && config.includes('apps:')) assert.ok(Object.hasOwn((parse(config) as { readonly apps: object }).apps, app));
      });

  test('repairs what was found, with the rules that change nothing the model reads', () => {
    assert.deepEqual(parse(actionOf({ kind: 'cache_broken', app: undefined, about }).config), {
      savings: { stages: { promptRepair: 'on' } },
      promptRepair: { rules: ['tool-order', 'tool-json', 'json', 'whitespace', 'number-format', 'call-ids', 'volatile-values'] },
    });
  });

  test('observes where nobody looked what broke the cache, and is empty where only the program can help', () => {
    assert.match(actionOf({ kind: 'cache_broken', app: undefined, about: { model: 'm' } }).config, /promptRepair: observe/);
    assert.equal(actionOf({ kind: 'cache_broken', app: undefined, about: { signals: ['prefix:system_changed'] } }).config, '');
  });
});

test('every kind of recommendation is a kind of finding', () => {
  for (const kind of recommendationKinds) assert.ok(Object.hasOwn(kinds, kind), kind);
});
