import type { Query } from '../../src/analytics/query.ts';
import { spanEnd, spanStart } from './load.ts';

const hourMs = 3_600_000;
const whole = { from: spanStart, to: spanEnd } as const;
const last = (hours: number) => ({ from: spanEnd - hours * hourMs, to: spanEnd });

/** What the pages of the dashboard ask. */
export const questions: Readonly<Record<string, Query>> = {
  '30 d: tiles against the span before': {
    measures: ['costUsd', 'calls', 'totalTokens', 'failureShare', 'cacheHitShare', 'cacheSavedUsd', 'latencyP95Ms', 'savedUsd'],
    compareTo: 'previous',
    ...whole,
  },
  '30 d: cost by day': { measures: ['costUsd'], bucket: 'day', ...whole },
  '30 d: day x model': { measures: ['costUsd', 'calls'], bucket: 'day', dimensions: ['model'], ...whole },
  '30 d: day in Berlin': { measures: ['costUsd'], bucket: 'day', timeZone: 'Europe/Berlin', ...whole },
  '30 d: tokens by kind and day': {
    measures: ['inputTokens', 'cacheReadTokens', 'cacheWriteTokens', 'outputTokens', 'reasoningTokens'],
    bucket: 'day',
    ...whole,
  },
  '30 d: p50, p95, p99 by model': {
    measures: ['latencyP50Ms', 'latencyP95Ms', 'latencyP99Ms', 'tokensPerSecond'],
    dimensions: ['model'],
    ...whole,
  },
  '30 d: apps against the span before': { measures: ['costUsd', 'calls'], dimensions: ['app'], compareTo: 'previous', ...whole },
  '30 d: top 20 users': { measures: ['costUsd', 'calls'], dimensions: ['user'], limit: 20, ...whole },
  '30 d: users by day': { measures: ['users'], bucket: 'day', ...whole },
  '30 d: one key by day': { measures: ['costUsd'], bucket: 'day', filters: [{ dimension: 'key', values: ['key_7'] }], ...whole },
  '30 d: one user by day': { measures: ['costUsd'], bucket: 'day', filters: [{ dimension: 'user', values: ['user-7'] }], ...whole },
  '30 d: parts of the prompt': { measures: ['partTokens'], dimensions: ['part'], ...whole },
  '30 d: languages': { measures: ['calls', 'tokensPerCall', 'costPerCallUsd'], dimensions: ['language'], ...whole },
  '30 d: one app by model': {
    measures: ['costUsd', 'latencyP95Ms'],
    dimensions: ['model'],
    filters: [{ dimension: 'app', values: ['shop'] }],
    ...whole,
  },
  '7 d: hour by hour': { measures: ['costUsd', 'calls', 'failures'], bucket: 'hour', ...last(7 * 24) },
  '7 d: hour x model': { measures: ['costUsd'], bucket: 'hour', dimensions: ['model'], ...last(7 * 24) },
  '7 d: errors by hour': { measures: ['failures'], bucket: 'hour', dimensions: ['errorCode'], ...last(7 * 24) },
  '24 h: hour x feature': { measures: ['costUsd', 'calls'], bucket: 'hour', dimensions: ['feature'], ...last(24) },
  '24 h: p95 by hour': { measures: ['latencyP95Ms', 'firstByteP95Ms'], bucket: 'hour', ...last(24) },
  '1 h: minute x model, rows only': { measures: ['costUsd', 'calls'], bucket: 'minute', dimensions: ['model'], ...last(1) },
};

/** Wide cross-filters and distinct values of a month, which rollups do not have: told beside the goal, not in it. */
export const slowQuestions: Readonly<Record<string, Query>> = {
  '30 d: different tasks and sessions': { measures: ['tasks', 'sessions', 'costPerTaskUsd'], ...whole },
  '24 h: app x feature, rows only': { measures: ['costUsd'], dimensions: ['app', 'feature'], ...last(24) },
  '7 d: app x feature, rows only': { measures: ['costUsd'], dimensions: ['app', 'feature'], ...last(7 * 24) },
};
