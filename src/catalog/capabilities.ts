import type { Knob } from '../core/canonical/knob.ts';
import type { Effort } from '../core/canonical/reasoning.ts';
import type { CapabilitiesFile, CapabilityRow } from './data.ts';
import { matcherOf, type Matcher } from './match.ts';

/** What a model can be given in a prompt. */
export const modalities = ['text', 'image', 'audio', 'video', 'pdf'] as const;
export type Modality = (typeof modalities)[number];

/** What a model takes; a field that is absent is not known, and nothing follows from it. */
export interface ModelCapabilities {
  /** Tokens of prompt and answer together at most. */
  readonly contextTokens?: number | undefined;
  /** Tokens of an answer at most, reasoning included. */
  readonly maxOutputTokens?: number | undefined;
  readonly input?: readonly Modality[] | undefined;
  readonly tools?: boolean | undefined;
  /** Whether a call may say that a tool must be called. */
  readonly forcedTools?: boolean | undefined;
  /** Whether an answer can be held to a JSON Schema. */
  readonly structuredOutputs?: boolean | undefined;
  /** Words for how much to think. */
  readonly efforts?: readonly Effort[] | undefined;
  readonly effortDefault?: Effort | undefined;
  /** Anthropic's thinking of type `adaptive`. */
  readonly adaptiveThinking?: boolean | undefined;
  /** Whether a number of thinking tokens may be asked for. */
  readonly thinkingBudget?: boolean | undefined;
  /** Whether thinking can be turned off. */
  readonly thinkingOff?: boolean | undefined;
  /** Settings it answers with status 400. */
  readonly refuses?: readonly Knob[] | undefined;
  /** Settings it answers with status 400 unless the call turns thinking off. */
  readonly refusesThinking?: readonly Knob[] | undefined;
}
export type CapabilityName = keyof ModelCapabilities;

export interface Capabilities extends ModelCapabilities {
  /** What of it nobody has verified: shown, and no call is changed for it. */
  readonly unverified: readonly CapabilityName[];
  /** Where it is from, with the date of the row. */
  readonly sources: readonly string[];
}

/** What the user says of a model at a provider, by the names the configuration and the provider have for them. */
export interface CapabilityOverride {
  readonly provider: string;
  readonly model: string;
  readonly capabilities: ModelCapabilities;
}

/** Tells what the rows say. `model`: lower case. The first matching row counts, field by field. */
export function capabilityFinder({ rows }: CapabilitiesFile): (provider: string, model: string) => Capabilities {
  const compiled = rows.map((row) => ({ row, matches: matcherOf(row.models) }));
  return (provider, model) => merged(compiled.filter(({ row, matches }) => isFor(row, provider, model, matches)).map(({ row }) => row));
}

const isFor = (row: CapabilityRow, provider: string, model: string, matches: Matcher): boolean =>
  row.providers.includes(provider) && matches(model);

function merged(rows: readonly CapabilityRow[]): Capabilities {
  const deciding = new Map<CapabilityName, CapabilityRow>();
  for (const row of rows) for (const name of namesOf(row)) if (!deciding.has(name)) deciding.set(name, row);
  const fields = Object.fromEntries([...deciding].map(([name, row]) => [name, row[name]])) as ModelCapabilities;
  return {
    ...fields,
    unverified: [...deciding].flatMap(([name, { confidence }]) => (confidence === 'unverified' ? [name] : [])),
    sources: [...new Set([...deciding.values()].map(({ source, asOf }) => `${source} (${asOf})`))],
  };
}

const notFields: ReadonlySet<string> = new Set(['providers', 'models', 'asOf', 'source', 'confidence'] satisfies (keyof CapabilityRow)[]);

const namesOf = (row: CapabilityRow): readonly CapabilityName[] =>
  Object.keys(row).filter((name): name is CapabilityName => !notFields.has(name));

/** What a user says goes before all else, field by field. */
export function overridden(base: Capabilities, own: ModelCapabilities | undefined): Capabilities {
  const said = Object.entries(own ?? {}).filter(([, value]) => value !== undefined);
  if (said.length === 0) return base;
  const names = new Set<string>(said.map(([name]) => name));
  return {
    ...base,
    ...Object.fromEntries(said),
    unverified: base.unverified.filter((name) => !names.has(name)),
    sources: ['your configuration', ...base.sources],
  };
}

/** Goes with what is known of a model, which the catalog remembers: asked for with each call that is translated. */
const verifiedOf = new WeakMap<Capabilities, ModelCapabilities>();

/** Only what calls may be changed for. */
export function verified(known: Capabilities): ModelCapabilities {
  const remembered = verifiedOf.get(known);
  if (remembered) return remembered;
  const made = withoutUnverified(known);
  verifiedOf.set(known, made);
  return made;
}

function withoutUnverified(known: Capabilities): ModelCapabilities {
  const left = new Set<string>(['unverified', 'sources', ...known.unverified]);
  const kept = Object.entries(known).filter(([name]) => !left.has(name));
  return Object.fromEntries(kept) as ModelCapabilities;
}
