import type { ModelCapabilities } from '../../catalog/capabilities.ts';
import type { Call } from '../../core/call.ts';
import { verbosities, type OutputLimits } from '../../core/output-limits.ts';
import { Draft } from './draft.ts';
import { formOf, type Form } from './forms.ts';
import { withInstruction } from './instruction.ts';
import { limitThinking, type EffortScale, type Outcome } from './thinking.ts';

/** A call within limits. */
export interface LimitedCall {
  readonly call: Call;
  /** Limits that changed it, by option. */
  readonly applied: readonly string[];
  /** Limits that its model or its API does not take, or that nobody knows to be safe. */
  readonly omitted: readonly string[];
  /** Tokens of an answer, where that is less than the client asked for. */
  readonly cap: number | undefined;
}

interface Work {
  readonly draft: Draft;
  readonly form: Form;
  readonly limits: OutputLimits;
  readonly abilities: ModelCapabilities;
  readonly scale: EffortScale;
}

type Limit = (work: Work) => Outcome;

/** The order counts: room for thinking depends on the cap. */
const steps: Readonly<Record<string, { readonly isWritten: (limits: OutputLimits) => boolean; readonly limit: Limit }>> = {
  effort: {
    isWritten: ({ effort, thinkingBudget }) => effort !== undefined || thinkingBudget !== undefined,
    limit: ({ draft, form, limits, abilities, scale }) => limitThinking(draft, form, limits, abilities, scale),
  },
  maxOutputTokens: { isWritten: ({ maxOutputTokens }) => maxOutputTokens !== undefined, limit: limitOutput },
  verbosity: { isWritten: ({ verbosity }) => verbosity !== undefined, limit: limitVerbosity },
  schema: { isWritten: ({ schema }) => schema !== undefined, limit: putSchema },
  stop: { isWritten: ({ stop }) => stop !== undefined, limit: addStops },
};

/** The call as the limits leave it; `undefined`: they change nothing. Throws for a body that cannot be read. */
export function limitCall(call: Call, limits: OutputLimits, abilities: ModelCapabilities, scale: EffortScale): LimitedCall | undefined {
  const form = formOf(call.api);
  if (!form) return undefined;
  const draft = new Draft(call);
  const applied: string[] = [];
  const omitted: string[] = [];
  for (const [name, { isWritten, limit }] of Object.entries(steps)) {
    const outcome = isWritten(limits) ? limit({ draft, form, limits, abilities, scale }) : 'kept';
    if (outcome === 'applied') applied.push(name);
    if (outcome === 'omitted') omitted.push(name);
  }
  const settled = applied.length > 0 ? call.withJson(draft.members) : call;
  const limited = limits.instruction === undefined ? settled : withInstruction(settled, limits.instruction);
  if (limited !== settled) applied.push('instruction');
  if (applied.length === 0 && omitted.length === 0) return undefined;
  return { call: limited, applied, omitted, cap: applied.includes('maxOutputTokens') ? (draft.get(form.cap) as number) : undefined };
}

function limitOutput({ draft, form, limits, abilities }: Work): Outcome {
  const cap = Math.max(limits.maxOutputTokens!, form.leastCap);
  const asked = draft.get(form.cap);
  const most = Math.min(typeof asked === 'number' ? asked : Infinity, abilities.maxOutputTokens ?? Infinity);
  if (most <= cap) return 'kept';
  if (!leavesRoom(draft, form, cap)) return 'omitted';
  draft.set(form.cap, cap);
  return 'applied';
}

/** Thinking to a number of tokens must leave room for an answer: it gets half of the cap at most. */
function leavesRoom(draft: Draft, form: Form, cap: number): boolean {
  const budget = form.budget && draft.get(form.budget);
  if (typeof budget !== 'number' || budget <= cap / 2) return true;
  const half = Math.floor(cap / 2);
  if (half < form.leastBudget) return false;
  draft.set(form.budget!, half);
  return true;
}

function limitVerbosity({ draft, form, limits, abilities }: Work): Outcome {
  if (!form.verbosity || abilities.refuses?.includes('verbosity')) return 'omitted';
  const wanted = limits.verbosity!;
  const written = draft.get(form.verbosity);
  const asked = verbosities.find((word) => word === written);
  // Models that take the setting are those that take an effort; by themselves they are at medium.
  if (asked === undefined && !abilities.efforts) return 'omitted';
  if (verbosities.indexOf(asked ?? 'medium') <= verbosities.indexOf(wanted)) return 'kept';
  draft.set(form.verbosity, wanted);
  return 'applied';
}

function putSchema({ draft, form, limits, abilities }: Work): Outcome {
  const { name, schema } = limits.schema!;
  if (draft.get(form.shape) !== undefined) return 'kept'; // the client has a shape of its own
  const tools = draft.get(form.tools);
  if (Array.isArray(tools) && tools.length > 0) return 'kept';
  if (abilities.structuredOutputs !== true) return 'omitted';
  form.putSchema(draft, name, schema);
  return 'applied';
}

function addStops({ draft, form, limits, abilities }: Work): Outcome {
  if (!form.stop || abilities.refuses?.includes('stop')) return 'omitted';
  const written = draft.get(form.stop);
  const own = typeof written === 'string' ? [written] : Array.isArray(written) ? (written as readonly string[]) : [];
  const added = limits.stop!.filter((sequence) => !own.includes(sequence));
  if (added.length === 0) return 'kept';
  if (own.length + added.length > form.maxStop) return 'omitted';
  draft.set(form.stop, [...own, ...added]);
  return 'applied';
}
