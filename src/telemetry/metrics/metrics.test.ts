import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { NanoUsd } from '../../core/usage.ts';
import { callRecord } from '../testing.ts';
import { CallFigures } from './call-figures.ts';
import { exposition, formatFor, type Family } from './exposition.ts';
import { genaiLabels, genaiMetrics } from './genai-metrics.ts';
import { Histogram } from './histogram.ts';
import { watchLoopDelay } from './loop-delay.ts';

const limits = { maxValues: 100, maxSeries: 100 };

describe('figures of calls', () => {
  test('sum by labels', () => {
    const figures = new CallFigures({ labels: ['app', 'provider'], ...limits });
    const record = callRecord();
    figures.add(record);
    figures.add({ ...record, outcome: 'failed', cost: { ...record.cost, total: null } });
    figures.add({ ...record, labels: { app: 'other app' }, attempts: [record.attempts[0]!, record.attempts[0]!], usageSource: 'cache' });
    const [shop, other] = [...figures.series];
    assert.deepEqual(shop!.values, ['shop', 'openai']);
    assert.deepEqual([...shop!.outcomes], [['ok', 1], ['failed', 1]]); // prettier-ignore
    assert.deepEqual(shop!.tokens, { input: 200, cache_read: 80, cache_write: 20, output: 40, reasoning: 10 });
    assert.deepEqual([shop!.costNanoUsd, shop!.unpriced, shop!.retries, shop!.replyCacheHits], [1_500_000, 1, 0, 0]);
    assert.deepEqual([other!.retries, other!.replyCacheHits, other!.duration.count], [1, 1, 1]);
  });

  test('values beyond the limit are `other`', () => {
    const figures = new CallFigures({ labels: ['app'], maxValues: 2, maxSeries: 100 });
    for (const app of ['a', 'b', 'c', 'd', 'a']) figures.add(callRecord({ labels: { app } }));
    assert.deepEqual([...figures.series].map(({ values, outcomes }) => [values[0], outcomes.get('ok')]), [['a', 2], ['b', 1], ['other', 2]]); // prettier-ignore
    assert.equal(figures.overflown, 2);
  });

  test('combinations beyond the limit are one series', () => {
    const figures = new CallFigures({ labels: ['app', 'model'], maxValues: 100, maxSeries: 3 });
    for (let at = 0; at < 20; at += 1) figures.add(callRecord({ labels: { app: `a${at}` } }));
    const series = [...figures.series];
    assert.equal(series.length, 4, 'the limit, and the one for all others');
    assert.deepEqual([series[3]!.values, series[3]!.outcomes.get('ok')], [['other', 'other'], 17]);
  });
});

test('a value equal to a bound is in the bucket it ends', () => {
  const histogram = new Histogram([1, 2]);
  for (const value of [0.5, 1, 1.5, 2, 3]) histogram.add(value);
  assert.deepEqual([[...histogram.counts], histogram.count, histogram.sum], [[2, 2, 1], 5, 8]);
});

describe('exposition', () => {
  const histogram = new Histogram([0.5, 1]);
  for (const value of [0.25, 0.75, 2]) histogram.add(value);
  const families: readonly Family[] = [
    { name: 'm_calls', type: 'counter', help: 'Calls.', samples: [{ labels: [['app', 'say "hi"\\\n']], value: 3 }] },
    { name: 'm_seconds', type: 'histogram', help: 'Time.', samples: [{ labels: [], value: histogram }] },
    { name: 'm_none', type: 'gauge', help: 'Nothing.', samples: [] },
  ];
  const common = [
    'm_calls_total{app="say \\"hi\\"\\\\\\n"} 3',
    '# HELP m_seconds Time.',
    '# TYPE m_seconds histogram',
    'm_seconds_bucket{le="0.5"} 1',
    'm_seconds_bucket{le="1"} 2',
    'm_seconds_bucket{le="+Inf"} 3',
    'm_seconds_sum 3',
    'm_seconds_count 3',
  ];

  test('text format 0.0.4', () => {
    const head = ['# HELP m_calls_total Calls.', '# TYPE m_calls_total counter'];
    assert.equal(exposition(families, 'text'), `${[...head, ...common].join('\n')}\n`);
  });

  test('OpenMetrics 1.0', () => {
    const head = ['# HELP m_calls Calls.', '# TYPE m_calls counter'];
    assert.equal(exposition(families, 'openmetrics'), `${[...head, ...common, '# EOF'].join('\n')}\n`);
  });

  test('is chosen by what the scraper accepts', () => {
    assert.equal(formatFor('application/openmetrics-text;version=1.0.0;q=0.75,text/plain;version=0.0.4;q=0.5'), 'openmetrics');
    for (const accept of [undefined, '*/*', 'text/plain']) assert.equal(formatFor(accept), 'text');
  });
});

describe('metrics of the GenAI conventions', () => {
  const figures = new CallFigures({ labels: genaiLabels, ...limits });
  figures.add(callRecord({ cost: { ...callRecord().cost, total: 1 as NanoUsd } }));
  const names = (semconv: 'previous' | 'current' | 'both') => genaiMetrics(figures, semconv).map(({ name }) => name);

  test('both generations of names, or one', () => {
    assert.ok(names('previous').includes('gen_ai.client.token.usage'));
    assert.ok(names('current').every((name) => name.startsWith('gen_ai.client.inference.')));
    assert.deepEqual(names('both'), [...names('previous'), ...names('current')]);
  });

  test('input includes what was cached, output includes reasoning', () => {
    const [usage] = genaiMetrics(figures, 'previous');
    assert.deepEqual(
      usage!.kind === 'histogram' && usage!.points.map(({ attributes, sum }) => [attributes.at(-1)![1], sum]),
      [['input', 150], ['output', 25]], // prettier-ignore
    );
  });
});

test('the delay of the event loop is how late the timer was', async () => {
  let nowMs = 0;
  const delay = watchLoopDelay(() => (nowMs += 60)); // each look at the clock is 60 ms later: always 50 ms late
  await new Promise((resolve) => setTimeout(resolve, 60));
  delay.stop();
  assert.ok(delay.histogram.count > 0);
  assert.deepEqual([delay.max(), delay.histogram.counts[4]], [0.05, delay.histogram.count]);
});
