import * as z from 'zod';
import { repairRules, safeRules } from '../../prefix/rules.ts';
import { gib, group, mib, option, whole } from './option.ts';

/** What is repaired of prompts whose beginning differs from the call before for no reason. */
export const promptRepairOptions = group(
  "Repairs of prompts that break the provider's cache, for the saving `promptRepair`. What breaks it is found out whatever is repaired.",
  {
    rules: option(
      z.array(z.enum(repairRules)).max(repairRules.length),
      'What is repaired. The rules of the default leave every value where it is; `volatile-values` and `context-blocks` tell the model the newest value at the end of the prompt, `tool-set` leaves tools in the list that the call may not use, `billing-header` changes a value that the Anthropic API reads.',
    ).default([...safeRules]),
    maxConversations: whole('Conversations remembered.', { min: 1, max: 1_000_000, default: 10_000 }),
    maxBytes: whole('Memory for them.', { unit: 'bytes', min: mib, max: 16 * gib, default: 64 * mib }),
  },
);
