import * as z from 'zod';
import { choice, flag, gib, group, hour, kib, mib, minute, option, second, whole } from './option.ts';

const isolations = ['key', 'team', 'app'] as const;
const day = 24 * hour;
const meanings = {
  ttlMs: 'How long a reply is kept.',
  deterministicOnly: 'Only for calls with temperature 0 or a seed, for embeddings, and for those that ask with `x-modicum-cache: on`.',
  toolCalls: 'Whether replies that call tools are kept.',
  isolation:
    'Who shares replies: calls of one virtual key (or credential), of one team, or of one app. Calls of different apps, features, tags or credentials of their own never do.',
};
const ttl = { unit: 'ms', min: second, max: 30 * day };
const replyBytes = { unit: 'bytes', min: kib, max: 7 * mib, default: mib };

const exactOverride = z.strictObject({
  match: option(
    z.strictObject({
      app: option(z.string().min(1), 'Name of the app.').optional(),
      feature: option(z.string().min(1), 'Name of the feature.').optional(),
      model: option(z.string().min(1), 'Model as clients name it.').optional(),
    }),
    'The calls it is for: all that is named must be so.',
  ),
  ttlMs: option(z.int().min(ttl.min).max(ttl.max), meanings.ttlMs, { unit: 'ms' }).optional(),
  deterministicOnly: option(z.boolean(), meanings.deterministicOnly).optional(),
  toolCalls: option(z.boolean(), meanings.toolCalls).optional(),
  isolation: option(z.enum(isolations), meanings.isolation).optional(),
});

/** Replies that are kept, and given out again for the same call. */
export const cacheOptions = group('How replies are kept and given out again for the very same call.', {
  exact: group('Calls that were answered before. `savings.stages.exactCache` switches it on.', {
    ttlMs: whole(meanings.ttlMs, { ...ttl, default: hour }),
    maxBytes: whole('Room for replies in the memory of each process; all of them are in the store (`state.maxReplyBytes`).', {
      unit: 'bytes',
      max: 16 * gib,
      default: 64 * mib,
    }),
    maxReplyBytes: whole('A longer reply is not kept.', replyBytes),
    deterministicOnly: flag(meanings.deterministicOnly, true),
    toolCalls: flag(meanings.toolCalls, false),
    isolation: choice(meanings.isolation, isolations, 'key'),
    pacing: choice('Kept streams come `at_once`, or with the pauses of the `original`.', ['at_once', 'original'], 'at_once'),
    maxWaitMs: whole('How long a call waits for the same one under way before it goes by itself.', {
      unit: 'ms',
      max: 10 * minute,
      default: 30 * second,
    }),
    knowledgeVersion: option(
      z.string().max(200),
      'Version of what answers rest on beside the call; a new one begins with an empty cache. The header `x-modicum-knowledge-version` goes before it.',
    ).default(''),
    overrides: option(z.array(exactOverride).max(1000), 'What differs for some calls; the first that matches counts.').default([]),
  }),
  steps: group(
    'A memo of the same calls within one task or session of an agent, whatever their temperature. `savings.stages.stepReuse` switches it on.',
    {
      per: choice('Which label names the memo; calls without it have none.', ['task', 'session'], 'task'),
      ttlMs: whole(meanings.ttlMs, { ...ttl, default: hour }),
      maxReplyBytes: whole('A longer reply is not kept.', replyBytes),
      toolCalls: flag(meanings.toolCalls, true),
    },
  ),
});
