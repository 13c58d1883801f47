import * as z from 'zod';
import { efforts } from '../../core/canonical/reasoning.ts';
import type { JsonObject } from '../../core/json.ts';
import { truncationActions, verbosities } from '../../core/output-limits.ts';
import { option } from './option.ts';

/** Stop sequences of a limit at most: what the strictest of the APIs takes. */
export const maxStopSequences = 4;

/** How long-winded answers may be. */
export const outputLimitOptions = (description: string) =>
  option(
    z.strictObject({
      maxOutputTokens: option(
        z.int().min(1).max(10_000_000),
        'Tokens of one answer at most, reasoning included. Never raises what the client asks for.',
        {
          unit: 'tokens',
        },
      ).optional(),
      onTruncation: option(
        z.enum(truncationActions),
        'When an answer stops at that limit: `tell` says so in the header `x-modicum-truncated`; `rerun` makes a reply that is not streamed once more, up to the limit of the client.',
      ).optional(),
      effort: option(z.enum(efforts), 'How much the model thinks at most, as far as it takes such a setting.').optional(),
      thinkingBudget: option(z.int().min(0).max(1_000_000), 'Thinking tokens at most, for models that take a number.', {
        unit: 'tokens',
      }).optional(),
      verbosity: option(z.enum(verbosities), "OpenAI's setting for the length of answers, at most.").optional(),
      instruction: option(
        z.string().min(1).max(2000),
        'Said to the model at the very end of the prompt, so that the cached beginning stays whole: `Answer in three sentences at most.`',
      ).optional(),
      schema: option(
        z.strictObject({
          name: option(z.string().regex(/^[\w-]{1,64}$/, 'must be 1 to 64 letters, digits, _ or -'), 'Name of the schema.'),
          schema: option(
            z.record(z.string(), option(z.unknown(), 'A keyword of JSON Schema.')).transform((given) => given as JsonObject),
            'JSON Schema of the answer.',
          ),
        }),
        'The answer is JSON of this shape in place of prose, where the client asks for no shape of its own and gives no tools.',
      ).optional(),
      stop: option(
        z.array(z.string().min(1).max(64)).min(1).max(maxStopSequences),
        "Sequences that end an answer, beside the client's own.",
      ).optional(),
    }),
    description,
  );
