import type { ApiId } from '../../core/api.ts';
import { field, list, text } from '../count.ts';

/** A piece of a text that comes in several events. */
export interface Slot {
  /** Where it stands in the event, keys and indices joined by `/`. */
  readonly path: string;
  /** Pieces of the same text have the same name; names of one block or choice begin alike. */
  readonly channel: string;
  /** The text is JSON: the arguments of a tool call. */
  readonly isJson: boolean;
}

export interface EventTexts {
  readonly slots: readonly Slot[];
  /** What the names of the channels begin with that end with this event; `''` ends all. */
  readonly closes: readonly string[];
}

type TextsOf = (event: unknown) => EventTexts;

const none: EventTexts = { slots: [], closes: [] };
/** Part of a channel's name: an index as the event tells it, else by its place. */
const named = (index: unknown, otherwise: number | string = ''): string => (typeof index === 'number' ? String(index) : String(otherwise));
const isString = (value: unknown): boolean => typeof value === 'string';

/** The texts of `holder` under these keys, as slots of a channel each. */
function slotsIn(holder: unknown, keys: readonly string[], path: string, channel: string, isJson = false): readonly Slot[] {
  return keys.filter((key) => isString(field(holder, key))).map((key) => ({ path: `${path}/${key}`, channel: `${channel}${key}`, isJson }));
}

const chatTexts = ['content', 'reasoning_content', 'reasoning', 'refusal'] as const;

const chat: TextsOf = (event) => {
  const slots: Slot[] = [];
  const closes: string[] = [];
  for (const [at, choice] of list(field(event, 'choices')).entries()) {
    const channel = `${named(field(choice, 'index'), at)}/`;
    const delta = field(choice, 'delta');
    const path = `choices/${at}`;
    slots.push(...slotsIn(choice, ['text'], path, channel), ...slotsIn(delta, chatTexts, `${path}/delta`, channel));
    slots.push(...slotsIn(field(delta, 'function_call'), ['arguments'], `${path}/delta/function_call`, channel, true));
    for (const [position, call] of list(field(delta, 'tool_calls')).entries()) {
      const name = `${channel}call ${named(field(call, 'index'), position)}/`;
      slots.push(...slotsIn(field(call, 'function'), ['arguments'], `${path}/delta/tool_calls/${position}/function`, name, true));
      slots.push(...slotsIn(field(call, 'custom'), ['input'], `${path}/delta/tool_calls/${position}/custom`, name));
    }
    if (isString(field(choice, 'finish_reason'))) closes.push(channel);
  }
  return { slots, closes };
};

const responsesEnd = /^response\.(?:completed|incomplete|failed|cancelled)$/;

const responses: TextsOf = (event) => {
  const type = text(field(event, 'type')) ?? '';
  if (responsesEnd.test(type)) return { slots: [], closes: [''] };
  const block = `${named(field(event, 'output_index'))}/`;
  if (type.endsWith('.done')) return { slots: [], closes: [block] };
  if (!type.endsWith('.delta') || /audio\.delta$|image/.test(type) || !isString(field(event, 'delta'))) return none;
  const part = field(event, 'content_index') ?? field(event, 'summary_index');
  return { slots: [{ path: 'delta', channel: `${block}${type}/${named(part)}`, isJson: type.endsWith('arguments.delta') }], closes: [] };
};

const anthropic: TextsOf = (event) => {
  const type = field(event, 'type');
  if (type === 'message_delta' || type === 'message_stop') return { slots: [], closes: [''] };
  const channel = `${named(field(event, 'index'))}/`;
  if (type === 'content_block_stop') return { slots: [], closes: [channel] };
  if (type !== 'content_block_delta') return none;
  const delta = field(event, 'delta');
  const texts = slotsIn(delta, ['text', 'thinking'], 'delta', channel);
  return { slots: [...texts, ...slotsIn(delta, ['partial_json'], 'delta', channel, true)], closes: [] };
};

const google: TextsOf = (event) => {
  const slots: Slot[] = [];
  const closes: string[] = [];
  for (const [at, candidate] of list(field(event, 'candidates')).entries()) {
    const channel = `${named(field(candidate, 'index'), at)}/`;
    for (const [position, part] of list(field(field(candidate, 'content'), 'parts')).entries())
      slots.push(
        ...slotsIn(
          part,
          ['text'],
          `candidates/${at}/content/parts/${position}`,
          `${channel}${field(part, 'thought') === true ? 'thought ' : ''}`,
        ),
      );
    if (isString(field(candidate, 'finishReason'))) closes.push(channel);
  }
  return { slots, closes };
};

const noSlots: TextsOf = () => none;

/** Which texts of a stream's events go on from event to event, and where they end. All other texts of an event are whole. */
export const eventTexts: Readonly<Record<ApiId, TextsOf>> = {
  'openai.chat': chat,
  'openai.completions': chat,
  'openai.responses': responses,
  'openai.responses.input_tokens': noSlots,
  'openai.embeddings': noSlots,
  'anthropic.messages': anthropic,
  'anthropic.count_tokens': noSlots,
  'google.generate_content': google,
  'google.count_tokens': noSlots,
  'google.embed_content': noSlots,
  'google.batch_embed_contents': noSlots,
  'bedrock.converse': noSlots, // no client speaks it
  passthrough: noSlots,
};
