import type { Feature } from './feature.ts';

/** Settings that some models refuse though their API has them: they can be taken out, and the call still asks the same. */
export const knobs = [
  'temperature',
  'top_p',
  'top_k',
  'frequency_penalty',
  'presence_penalty',
  'seed',
  'logit_bias',
  'logprobs',
  'stop',
  'reasoning.effort',
  'reasoning.budget',
  'reasoning.adaptive',
  'reasoning.summary',
  'verbosity',
  'parallel_tool_calls',
  'service_tier',
] as const satisfies readonly Feature[];
export type Knob = (typeof knobs)[number];
