import { gib, group, hour, mib, minute, second, whole } from './option.ts';

/** What the gateway keeps for clients of OpenAI's responses while their provider keeps nothing. */
export const responsesOptions = group(
  'Conversations of clients that go on from an earlier response (`previous_response_id`) while the provider keeps none: held in memory, the oldest go first.',
  {
    maxKept: whole('Responses kept at most.', { unit: 'responses', max: 1_000_000, default: 10_000 }),
    maxBytes: whole('Memory for them, about.', { unit: 'bytes', min: mib, max: 16 * gib, default: 64 * mib }),
    keepMs: whole('How long one is kept.', { unit: 'ms', min: second, max: 24 * hour, default: 60 * minute }),
  },
);
