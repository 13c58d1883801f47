import type { CanonicalCall, Sampling } from '../../core/canonical/call.ts';
import type { Dropped } from '../../core/canonical/feature.ts';
import type { Knob } from '../../core/canonical/knob.ts';
import type { ReasoningRequest } from '../../core/canonical/reasoning.ts';
import { featuresOf } from './facts.ts';
import { compact } from './fields.ts';

/** The call without the settings that its model refuses. */
export function withoutKnobs(
  call: CanonicalCall,
  refused: readonly Knob[],
): { readonly call: CanonicalCall; readonly dropped: readonly Dropped[] } {
  if (refused.length === 0) return { call, dropped: [] };
  const used = featuresOf(call);
  const out = refused.filter((knob) => used.has(knob));
  const kept = out.reduce((changed, knob) => removals[knob](changed), call);
  return { call: kept, dropped: out.map((what) => ({ what, why: 'the model does not take it' })) };
}

const fromSampling =
  (key: keyof Sampling) =>
  (call: CanonicalCall): CanonicalCall => ({ ...call, sampling: compact({ ...call.sampling, [key]: undefined }) as Sampling });

const fromReasoning =
  (key: keyof ReasoningRequest) =>
  (call: CanonicalCall): CanonicalCall => ({ ...call, reasoning: compact({ ...call.reasoning, [key]: undefined }) as ReasoningRequest });

const fromCall =
  (key: 'logprobs' | 'stop' | 'verbosity' | 'parallelToolCalls' | 'serviceTier') =>
  (call: CanonicalCall): CanonicalCall =>
    compact({ ...call, [key]: undefined }) as CanonicalCall;

const removals: Readonly<Record<Knob, (call: CanonicalCall) => CanonicalCall>> = {
  temperature: fromSampling('temperature'),
  top_p: fromSampling('topP'),
  top_k: fromSampling('topK'),
  frequency_penalty: fromSampling('frequencyPenalty'),
  presence_penalty: fromSampling('presencePenalty'),
  seed: fromSampling('seed'),
  logit_bias: fromSampling('logitBias'),
  logprobs: fromCall('logprobs'),
  stop: fromCall('stop'),
  'reasoning.effort': fromReasoning('effort'),
  'reasoning.budget': fromReasoning('budgetTokens'),
  'reasoning.adaptive': fromReasoning('adaptive'),
  'reasoning.summary': fromReasoning('summary'),
  verbosity: fromCall('verbosity'),
  parallel_tool_calls: fromCall('parallelToolCalls'),
  service_tier: fromCall('serviceTier'),
};
