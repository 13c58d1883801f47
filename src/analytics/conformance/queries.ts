import type { Measure, Query } from '../query.ts';
import { generatedSpan } from './records.ts';

const { from, to } = generatedSpan;
const day = 24 * 3_600_000;
/** An odd piece of the span, whole days and hours inside it. */
const odd = { from: from + 2 * day + 5_000_017, to: to - 3 * day - 1_234_567 };
const [midnight, noon] = [Date.UTC(2026, 10, 1), Date.UTC(2026, 10, 1, 12)];

const tokens: readonly Measure[] = [
  'inputTokens',
  'cacheReadTokens',
  'cacheWriteTokens',
  'outputTokens',
  'reasoningTokens',
  'totalTokens',
  'tokensPerCall',
];
const money: readonly Measure[] = [
  'costUsd',
  'inputCostUsd',
  'cacheReadCostUsd',
  'cacheWriteCostUsd',
  'outputCostUsd',
  'reasoningCostUsd',
  'unpricedCalls',
  'costPerCallUsd',
];
const per: readonly Measure[] = ['costPerTaskUsd', 'costPerUserUsd', 'costPerSessionUsd', 'users', 'tasks', 'sessions'];
const times: readonly Measure[] = [
  'latencyMeanMs',
  'latencyP50Ms',
  'latencyP95Ms',
  'latencyP99Ms',
  'firstByteP50Ms',
  'firstByteP95Ms',
  'gatewayMeanMs',
  'tokensPerSecond',
];
const cache: readonly Measure[] = ['cacheHitShare', 'cacheSavedUsd', 'contextOverhead', 'outputInputRatio'];
const quality: readonly Measure[] = ['score', 'scoredCalls', 'valuePerUsd', 'valuePerMillionTokens', 'failures', 'failureShare'];
const savings: readonly Measure[] = ['savedUsd', 'savedTokens', 'attempts', 'extraCostUsd', 'estimatedCalls'];

/** Forty questions, by what they are about. All engines answer them alike. */
export const conformanceQueries: Readonly<Record<string, Query>> = {
  'calls of all time': { measures: ['calls'] },
  'every measure of a whole span': { measures: [...tokens, ...money], from, to },
  'money, tokens and shares of an odd span': { measures: ['calls', ...money, ...cache], ...odd },
  'cost by task, user and session': { measures: per, from, to },
  'different users, tasks and sessions of an odd span': { measures: per, ...odd },
  'users by the day': { measures: ['users', 'costPerUserUsd'], bucket: 'day', from, to },
  'tasks by the week': { measures: ['tasks', 'sessions', 'costPerTaskUsd'], bucket: 'week', from, to },
  'cost by app': { measures: ['costUsd', 'calls'], dimensions: ['app'], from, to },
  'cost by app, the cheapest first': { measures: ['calls', 'costUsd'], dimensions: ['app'], from, to, order: { by: 'costUsd', descending: false } },
  'tokens by model': { measures: tokens, dimensions: ['model'], ...odd },
  'latency by model': { measures: times, dimensions: ['model'], from, to },
  'latency by hour': { measures: times, bucket: 'hour', from: midnight, to: midnight + 2 * day },
  'calls by minute of one model': { measures: ['calls', 'costUsd'], bucket: 'minute', from: noon, to: noon + 3_600_000, filters: [{ dimension: 'model', values: ['gpt-5'] }] },
  'cost by day and model': { measures: ['costUsd', ...tokens], bucket: 'day', dimensions: ['model'], from, to },
  'cost by month': { measures: money, bucket: 'month', from, to },
  'cost by week in Berlin': { measures: ['costUsd', 'calls'], bucket: 'week', timeZone: 'Europe/Berlin', from, to },
  'cost by day in New York, across a change of clocks': { measures: ['costUsd', 'calls', 'users'], bucket: 'day', timeZone: 'America/New_York', from, to },
  'cost by day in Kathmandu, a quarter of an hour off': { measures: ['costUsd', 'calls'], bucket: 'day', timeZone: 'Asia/Kathmandu', ...odd },
  'cost by month in Sydney': { measures: ['costUsd'], bucket: 'month', timeZone: 'Australia/Sydney', from, to },
  'the ten users who cost most': { measures: ['costUsd', 'calls', ...cache], dimensions: ['user'], from, to, limit: 10 },
  'users of an odd span by name': { measures: ['calls', 'score'], dimensions: ['user'], ...odd, order: { by: 'user' } },
  'one user by day': { measures: ['costUsd', 'totalTokens'], bucket: 'day', filters: [{ dimension: 'user', values: ['user-1', 'user-2'] }], from, to },
  'keys, and calls without one': { measures: ['calls', 'costUsd'], dimensions: ['key'], from, to },
  'latency of users': { measures: ['latencyP95Ms'], dimensions: ['user'], ...odd, limit: 20 },
  'app and feature': { measures: ['costUsd', 'calls', 'sessions'], dimensions: ['app', 'feature'], ...odd },
  'app by model and day': { measures: ['costUsd', 'latencyP50Ms'], dimensions: ['app', 'model'], bucket: 'day', ...odd },
  'calls without an app': { measures: ['calls', 'costUsd'], filters: [{ dimension: 'app', values: [null] }], from, to },
  'apps but two': { measures: ['calls'], dimensions: ['app'], filters: [{ dimension: 'app', values: ['shop', null], not: true }], from, to },
  'two filters': { measures: ['calls', ...quality], dimensions: ['outcome'], filters: [{ dimension: 'app', values: ['shop', 'desk'] }, { dimension: 'provider', values: ['openai'], not: true }], from, to },
  'failures by error, hour by hour': { measures: ['failures', 'failureShare'], dimensions: ['errorCode'], bucket: 'hour', from: midnight, to: noon },
  'quality by arm': { measures: quality, dimensions: ['arm'], from, to },
  'savings by tier': { measures: savings, dimensions: ['tier'], ...odd },
  'languages and regions': { measures: ['calls', 'totalTokens'], dimensions: ['language', 'region'], from, to },
  'signals of calls': { measures: ['calls', 'costUsd'], dimensions: ['signal'], from, to },
  'calls with a signal, by route': { measures: ['calls'], dimensions: ['route'], filters: [{ dimension: 'signal', values: ['invalid_json', 'truncated'] }], ...odd },
  'a tag': { measures: ['costUsd', 'tasks'], dimensions: ['tag:env'], filters: [{ dimension: 'tag:x.y-z', values: ['1', null] }], from, to },
  'parts of the prompt by app': { measures: ['partTokens'], dimensions: ['app', 'part'], from, to },
  'token counting, asked for': { measures: ['calls'], dimensions: ['operation'], filters: [{ dimension: 'operation', values: ['count_tokens', 'embeddings'] }], from, to },
  'operations, streams and price states': { measures: ['calls', ...savings], dimensions: ['operation', 'stream', 'priceStatus'], ...odd },
  'a week against the week before, by day': { measures: ['costUsd', 'calls', 'users'], bucket: 'day', from: midnight, to: midnight + 7 * day, compareTo: 'previous' },
  'models against the span before': { measures: ['costUsd', 'latencyP95Ms'], dimensions: ['model'], from: midnight + 777, to: midnight + 5 * day, compareTo: 'previous', limit: 3 },
  'a span without calls': { measures: ['calls', 'costUsd', 'latencyP50Ms', 'users', 'savedUsd'], from: 0, to: day },
}; // prettier-ignore
