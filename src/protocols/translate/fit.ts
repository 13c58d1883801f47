import type { CanonicalCall } from '../../core/canonical/call.ts';
import type { Dropped } from '../../core/canonical/feature.ts';
import type { Knob } from '../../core/canonical/knob.ts';
import { fitReasoning, isOff, type ReasoningAbilities } from './fit-reasoning.ts';
import { withoutKnobs } from './knobs.ts';

/** What is known of a model; what is not known is left to the provider. */
export interface ModelAbilities extends ReasoningAbilities {
  /** Settings it answers with an error. */
  readonly refuses?: readonly Knob[] | undefined;
  /** Settings it answers with an error unless thinking is off. */
  readonly refusesThinking?: readonly Knob[] | undefined;
  /** Tokens of an answer at most. */
  readonly maxOutputTokens?: number | undefined;
  /** False: that a tool must be called is an error. */
  readonly forcedTools?: boolean | undefined;
}

export interface Fitted {
  readonly call: CanonicalCall;
  readonly dropped: readonly Dropped[];
}

/** The call as its model takes it: what would be an error there is said otherwise or taken out, and named. */
export function fit(call: CanonicalCall, abilities: ModelAbilities): Fitted {
  const steps = [withoutRefused, withFreeTools, fitReasoning, withoutRefusedThinking, withinLimit];
  return steps.reduce<Fitted>(
    (done, step) => {
      const { call: next, dropped } = step(done.call, abilities);
      return { call: next, dropped: [...done.dropped, ...dropped] };
    },
    { call, dropped: [] },
  );
}

const withoutRefused = (call: CanonicalCall, { refuses = [] }: ModelAbilities): Fitted => withoutKnobs(call, refuses);

/** After thinking was fitted: what was turned off by the client may be left on. */
const withoutRefusedThinking = (call: CanonicalCall, { refusesThinking = [] }: ModelAbilities): Fitted =>
  isOff(call.reasoning) ? { call, dropped: [] } : withoutKnobs(call, refusesThinking);

function withFreeTools(call: CanonicalCall, { forcedTools = true }: ModelAbilities): Fitted {
  const { toolChoice: choice, tools } = call;
  const why = 'the model cannot be made to call a tool, it may';
  if (forcedTools || tools.length === 0) return { call, dropped: [] };
  if (choice?.type === 'required') return { call: { ...call, toolChoice: { type: 'auto' } }, dropped: [{ what: 'tool_choice', why }] };
  if (choice?.type === 'tool') return { call: { ...call, toolChoice: { type: 'auto' } }, dropped: [{ what: 'tool_choice.tool', why }] };
  if (choice?.type !== 'allowed' || choice.mode === 'auto') return { call, dropped: [] };
  return { call: { ...call, toolChoice: { ...choice, mode: 'auto' } }, dropped: [{ what: 'tool_choice.allowed', why }] };
}

function withinLimit(call: CanonicalCall, { maxOutputTokens: most }: ModelAbilities): Fitted {
  if (most === undefined || call.maxOutputTokens === undefined || call.maxOutputTokens <= most) return { call, dropped: [] };
  return { call: { ...call, maxOutputTokens: most }, dropped: [{ what: 'max_output_tokens', why: `the model gives ${most} at most` }] };
}
