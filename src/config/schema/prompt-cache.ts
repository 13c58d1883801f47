import * as z from 'zod';
import { flag, group, minute, option, whole } from './option.ts';

/** What is done about the prompt caches of providers. */
export const promptCacheOptions = group(
  'Prompt caches of providers: marks, lifetimes, keys, and calls that stay where their beginning is kept.',
  {
    maxLossPercent: whole(
      'How much above what the client alone would have paid the input of one conversation may come, if it ends before what was written for it is read. 0: nothing is written for a conversation that has saved nothing yet, except what many share, and that by one that is as good as sure to go on.',
      { unit: '%', max: 25, default: 6 },
    ),
    warmUpWaitMs: whole(
      'How long a call waits for another that is having the same beginning written, until its reply begins. 0: not at all.',
      {
        unit: 'ms',
        max: minute,
        default: 500,
      },
    ),
    keepWarmRefreshes: whole(
      'How often one pause of a conversation is bridged at most by reading its prompt once more, for the saving `keepWarm`.',
      { unit: 'times', min: 1, max: 100, default: 3 },
    ),
    keepWarmMaxUsdPerHour: option(z.number().min(0).max(10_000), 'What these calls of our own may cost in an hour, in each process.', {
      unit: 'USD',
    }).default(1),
    keys: flag(
      'Whether calls to providers that cache by themselves are looked at, too: they get a `prompt_cache_key` where the API has one, and wait as above.',
      false,
    ),
    affinity: flag(
      'Whether calls go where the beginning of their prompt is kept, among the targets of a model, when that is cheaper.',
      true,
    ),
  },
);
