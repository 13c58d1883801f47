import * as z from 'zod';
import { flag, group, hour, minute, option, second, whole } from './option.ts';

const breaker = group('When a target counts as failing, and is passed over while others are well.', {
  windowCalls: whole('Latest calls that are judged.', { unit: 'calls', min: 1, max: 1000, default: 20 }),
  windowMs: whole('How old a call may be to be judged.', { unit: 'ms', min: second, max: hour, default: minute }),
  minCalls: whole('Fewer calls than this are no evidence.', { unit: 'calls', min: 1, max: 1000, default: 10 }),
  failurePercent: whole('Share of failed calls at which it opens.', { unit: '%', min: 1, max: 100, default: 60 }),
  openMs: whole('How long it stays open before one call may probe; doubles with each probe that fails.', {
    unit: 'ms',
    min: 10,
    max: hour,
    default: 5 * second,
  }),
  maxOpenMs: whole('Longest time it stays open.', { unit: 'ms', min: 10, max: 24 * hour, default: minute }),
  probes: whole('Good probes in a row that close it.', { unit: 'calls', min: 1, max: 100, default: 2 }),
});

const hedge = group('A second request to another target when the first is slow; the first head wins, the other is cancelled.', {
  enabled: flag('Whether slow calls are hedged. It buys latency with money.', false),
  percentile: whole('How slow: slower than this share of the latest calls at the same target.', {
    unit: '%',
    min: 50,
    max: 99,
    default: 95,
  }),
  minSamples: whole('Calls of the target that must have been seen first.', { unit: 'calls', min: 2, max: 128, default: 20 }),
  maxExtraCostShare: option(
    z.number().min(0).max(1),
    'What cancelled requests may cost in all, as a share of what the calls cost. Unknown costs count as an average call.',
  ).default(0.05),
});

/** What the gateway does about calls that fail before the first byte has reached the client. */
export const resilienceOptions = group(
  'Retries and fallbacks, before the first byte reaches the client; after it nothing is repeated. A model with one place to go is retried only after failures that cannot have been billed: no connection, 429, 503, 529.',
  {
    maxAttempts: whole('Attempts of one call in all, over all its targets and fallbacks.', { min: 1, max: 16, default: 6 }),
    maxPaidAttempts: whole('Attempts of one call that may have been billed, the answering one among them.', {
      min: 1,
      max: 16,
      default: 2,
    }),
    spareAttempts: whole(
      'More of them for a call whose attempts so far got not even a head, while at least half of `budgetBurst` is left. With 0, or where `maxPaidAttempts` is 1, there is none.',
      { max: 4, default: 1 },
    ),
    maxAttemptsAlone: whole('Attempts where there is one place to go.', { min: 1, max: 16, default: 2 }),
    deadlineMs: whole('No attempt begins later than this after the request arrived.', {
      unit: 'ms',
      min: 1,
      max: 24 * hour,
      default: 5 * minute,
    }),
    maxRetryAfterMs: whole('Longest wait that a `Retry-After` may ask for; with a longer one the failure goes to the client at once.', {
      unit: 'ms',
      max: hour,
      default: 5 * second,
    }),
    backoffMs: whole('Wait before the same target is asked again, more or less by half; doubles each time.', {
      unit: 'ms',
      max: minute,
      default: 250,
    }),
    maxBackoffMs: whole('Longest such wait.', { unit: 'ms', max: hour, default: 4 * second }),
    budgetPercent: whole('Calls that may be repeated after an attempt that may have been billed, as a share of all calls.', {
      unit: '%',
      max: 100,
      default: 10,
    }),
    budgetBurst: whole('Such calls that may be repeated in a row before that share counts.', { unit: 'calls', max: 100_000, default: 50 }),
    peekFirstEvent: flag(
      'Wait for the first event of a stream where there is more than one place to go: an error there, or a broken connection, is then repeated elsewhere.',
      true,
    ),
    breaker,
    hedge,
  },
);
