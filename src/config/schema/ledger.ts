import * as z from 'zod';
import { appLoopOptions } from './loops.ts';
import { outputLimitOptions } from './output-limits.ts';
import { choice, flag, gib, group, hour, kib, mib, minute, option, second, whole } from './option.ts';

const bodies = group('Request and reply bodies, kept apart from the ledger rows.', {
  store: choice('Whether bodies are kept.', ['off', 'on'], 'off'),
  maxAgeDays: whole('Bodies older than this are deleted.', { unit: 'days', min: 1, max: 36_500, default: 30 }),
  maxBytes: whole('Space for bodies; the oldest are deleted first.', { unit: 'bytes', min: mib, max: 1024 * gib, default: 10 * gib }),
});

export const ledgerOptions = group('The durable record of every call.', {
  commitIntervalMs: whole('Records that arrive within this time are written together.', {
    unit: 'ms',
    min: 1,
    max: second,
    default: 20,
  }),
  sync: flag('Make each group durable with fdatasync before it counts as written.', true),
  segmentBytes: whole('Size at which the journal begins a new file.', { unit: 'bytes', min: mib, max: gib, default: 64 * mib }),
  maxQueuedBytes: whole('Records waiting for the disk. Beyond it they are counted and dropped, and `/readyz` answers 503.', {
    unit: 'bytes',
    min: mib,
    max: gib,
    default: 16 * mib,
  }),
  bodies,
  retentionDays: option(z.int().min(1).max(36_500), 'Ledger rows older than this are deleted. Left out: kept for ever.', {
    unit: 'days',
  }).optional(),
});

export const meterOptions = group('Bounds of reading along with replies. Beyond them usage is estimated and the record says so.', {
  maxReplyBytes: whole('A reply that is not streamed, kept to read its usage.', { unit: 'bytes', min: kib, max: gib, default: 16 * mib }),
  maxEventBytes: whole('One event of a stream.', { unit: 'bytes', min: kib, max: gib, default: mib }),
  maxTextBytes: whole('Streamed text kept to estimate the output of a call that breaks off.', {
    unit: 'bytes',
    max: gib,
    default: mib,
  }),
  maxEstimates: whole('Estimates waiting for the counting thread; beyond it a cheaper, coarser one is made at once.', {
    unit: 'texts',
    max: 1e6,
    default: 1000,
  }),
  estimateTimeoutMs: whole('How long one estimate may take before the coarser one is booked.', {
    unit: 'ms',
    min: 1,
    max: minute,
    default: 10 * second,
  }),
});

const abortPolicies = ['cancel', 'drain'] as const;
const abortMeaning =
  'When the client leaves: `cancel` stops the provider and estimates the output; `drain` reads on to the usage, within `drain`.';

export const abortOption = choice(abortMeaning, abortPolicies, 'cancel');

export const appOptions = option(
  z.strictObject({
    onClientAbort: option(z.enum(abortPolicies), 'As the option above, for this app.').optional(),
    loops: appLoopOptions.optional(),
    outputLimits: outputLimitOptions('Limits of output for the calls of this app.').optional(),
  }),
  'Options of one app: the name in `/c/<app>/` or the header `x-modicum-app`.',
);

export const drainOptions = group('Bounds of reading on after the client has left. A call beyond them is cancelled.', {
  maxMs: whole('How long.', { unit: 'ms', max: hour, default: minute }),
  maxBytes: whole('How much of one reply.', { unit: 'bytes', max: gib, default: 16 * mib }),
  maxConcurrent: whole('How many calls at one time.', { unit: 'calls', max: 1e6, default: 64 }),
});
