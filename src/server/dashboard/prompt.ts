import type { Json } from '../../core/json.ts';
import { promptParts, type CallRecord, type PromptPart } from '../../core/record.ts';
import { getBody } from '../../ledger/bodies.ts';
import { tail } from '../../ledger/calls.ts';
import { stretchesOf, type Stretch } from './segments.ts';

export interface PromptSegment {
  readonly part: PromptPart;
  /** The provider's total, shared out: by part as recorded, within a part by length. */
  readonly tokens: number;
  /** The head of its text, where bodies are kept. */
  readonly text?: string;
  /** Characters of the whole text. */
  readonly length?: number;
}

export interface PromptView {
  /** In the order in which a prompt cache sees them. */
  readonly segments: readonly PromptSegment[];
  readonly hasText: boolean;
  /** Against the call before of the same session, where bodies are kept. */
  readonly compared?: Compared;
}

export interface Compared {
  /** The call before. */
  readonly id: string;
  /** Where the first character stands that differs: number of the segment, and place in its text; `null`: this prompt only goes on. */
  readonly broke: { readonly segment: number; readonly at: number; readonly before: string; readonly now: string } | null;
}

/** Characters of a text told at most. */
export const maxTextLength = 4000;
/** Calls of a session looked through for the one before. */
const maxLookedThrough = 200;
/** Characters shown on both sides of a break. */
const breakContext = 80;

/** The prompt of a call, cut into its parts. Without stored bodies: the parts alone. */
export function promptOf(dir: string, record: CallRecord): PromptView {
  const stretches = storedStretches(dir, record);
  if (stretches.length === 0) return { segments: bareSegments(record), hasText: false };
  const compared = comparedTo(dir, record, stretches);
  return { segments: weighed(stretches, record), hasText: true, ...(compared && { compared }) };
}

/** Vendors put tools before the system prompt. */
const cacheOrder: readonly PromptPart[] = ['tools', 'system', ...promptParts.filter((part) => part !== 'tools' && part !== 'system')];

const bareSegments = ({ parts = {} }: CallRecord): readonly PromptSegment[] =>
  cacheOrder.flatMap((part) => (parts[part] ? [{ part, tokens: parts[part] }] : []));

function storedStretches(dir: string, { bodies }: CallRecord): readonly Stretch[] {
  const bytes = bodies?.request === undefined ? undefined : getBody(dir, bodies.request);
  return bytes ? readStretches(bytes.toString('utf8')) : [];
}

/** A body that was compressed on the wire, or is no JSON, has no stretches. */
function readStretches(text: string): readonly Stretch[] {
  try {
    return stretchesOf(JSON.parse(text) as Json);
  } catch {
    return [];
  }
}

/** Tokens of a part are shared out by length. A part that no text was found for stands at its place without one. */
function weighed(stretches: readonly Stretch[], { parts = {} }: CallRecord): readonly PromptSegment[] {
  const lengths = new Map<PromptPart, number>();
  for (const { part, text } of stretches) lengths.set(part, (lengths.get(part) ?? 0) + text.length);
  const found = stretches.map(({ part, text }): PromptSegment => ({
    part,
    tokens: Math.round(((parts[part] ?? 0) * text.length) / lengths.get(part)!),
    text: text.slice(0, maxTextLength),
    length: text.length,
  }));
  const unseen = promptParts.flatMap((part) => (parts[part] && !lengths.has(part) ? [{ part, tokens: parts[part] }] : []));
  return [...found, ...unseen];
}

function comparedTo(dir: string, record: CallRecord, now: readonly Stretch[]): Compared | undefined {
  const { session } = record.labels;
  if (session === undefined) return undefined;
  const calls = tail(dir, { limit: maxLookedThrough, filters: { session } }).map((stored) => stored.record);
  const before = calls.filter(({ id, api }) => id < record.id && api === record.api).at(-1);
  const stretches = before ? storedStretches(dir, before) : [];
  return before && stretches.length > 0 ? { id: before.id, broke: firstBreak(stretches, now) } : undefined;
}

/** Where the earlier prompt stops being the beginning of this one. */
export function firstBreak(before: readonly Stretch[], now: readonly Stretch[]): Compared['broke'] {
  const segment = now.findIndex((stretch, at) => before[at] !== undefined && before[at].text !== stretch.text);
  if (segment === -1) return null;
  const [left, right] = [before[segment]!.text, now[segment]!.text];
  let at = 0;
  while (at < left.length && left[at] === right[at]) at += 1;
  const from = Math.max(0, at - breakContext);
  return { segment, at, before: left.slice(from, at + breakContext), now: right.slice(from, at + breakContext) };
}
