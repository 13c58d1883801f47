import * as z from 'zod';
import { choice, group, option, whole } from './option.ts';

const actions = ['off', 'record', 'warn', 'notice', 'refuse'] as const;
const bounds = { unit: 'times', min: 2, max: 10 };
const meanings = {
  action:
    '`record` marks the record, `warn` adds the header `x-modicum-warning` to the reply too, `notice` also tells the model in one line at the end of its prompt, `refuse` answers with the error `loop_detected`, `off` does not look.',
  repeats: 'How often the same call with the same result is a loop, the first time included. Weaker evidence needs one more.',
  ignoreTools: 'Tools that may be called again and again, by name: those that wait or poll.',
};
const tools = option(z.array(z.string().min(1).max(256)).max(100), meanings.ignoreTools);

/** What is done about agents that go round in circles. */
export const loopOptions = group(
  'Agents that go round in circles: the same calls with the same results, the same error, nothing new, the same request.',
  {
    action: choice(`What is done about them. ${meanings.action}`, actions, 'record'),
    repeats: whole(meanings.repeats, { ...bounds, default: 3 }),
    ignoreTools: tools.default([]),
  },
);

/** The same for one app. */
export const appLoopOptions = option(
  z.strictObject({
    action: option(z.enum(actions), meanings.action).optional(),
    repeats: option(z.int().min(bounds.min).max(bounds.max), meanings.repeats, { unit: bounds.unit }).optional(),
    ignoreTools: tools.optional(),
  }),
  'What differs for this app from the option `loops`.',
);
