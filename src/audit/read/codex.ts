import type { JsonObject } from '../../core/json.ts';
import { openaiDialect } from '../../protocols/dialect.ts';
import { exclusive } from '../../protocols/exclusive.ts';
import type { Buckets } from '../../core/usage.ts';
import type { ReadCall } from '../call.ts';
import { maxSessionChars, projectOf } from './claude-code.ts';
import { listOf, numberOf, objectOf, textOf, timeOf, type FileFacts, type LineReader } from './reader.ts';

interface State {
  readonly file: FileFacts;
  session: string | undefined;
  app: string | undefined;
  model: string;
  instructions: string | undefined;
  items: string[];
  /** Where the first item of the reply stands, whose usage is not told yet. */
  replyFrom: number | undefined;
  chars: number;
  /** The log tells each call by itself; then running totals are not read. */
  hasRecords: boolean;
  /** The last running total, as text: the same one again is no call. */
  total: string;
}

/** Codex's session logs: the items of the conversation as they come, and the usage behind each reply. */
export function codexReader(file: FileFacts): LineReader {
  const state: State = {
    file,
    session: undefined,
    app: undefined,
    model: 'unknown',
    instructions: undefined,
    items: [],
    replyFrom: undefined,
    chars: 0,
    hasRecords: false,
    total: '',
  };
  return {
    line: (entry, number) => {
      const payload = objectOf(entry['payload']);
      if (entry['type'] === 'token_usage_record') return onRecord(state, entry, payload, number);
      if (entry['type'] === 'event_msg' && payload['type'] === 'token_count') return onTotal(state, entry, payload, number);
      if (entry['type'] === 'session_meta') onSession(state, payload);
      else if (entry['type'] === 'turn_context') state.model = textOf(payload['model']) ?? state.model;
      else if (entry['type'] === 'response_item') keepItem(state, payload);
      else if (entry['type'] === 'compacted') onCompacted(state, payload);
      return [];
    },
    end: () => [],
  };
}

function onSession(state: State, payload: JsonObject): void {
  state.session = textOf(payload['session_id']) ?? textOf(payload['id']);
  state.app = projectOf(payload['cwd']);
  const { text } = objectOf(payload['base_instructions']);
  state.instructions = textOf(text) ?? textOf(payload['instructions']);
}

const isModels = ({ type, role }: JsonObject): boolean =>
  role === 'assistant' || type === 'reasoning' || (typeof type === 'string' && type.endsWith('_call'));

/** What Codex writes beside an item and does not send. */
const notSent = new Set(['internal_chat_message_metadata_passthrough', 'metadata']);

function keepItem(state: State, item: JsonObject): void {
  const json = JSON.stringify(Object.fromEntries(Object.entries(item).filter(([key]) => !notSent.has(key))));
  state.chars += json.length;
  if (state.chars > maxSessionChars) onCompacted(state, {});
  if (isModels(item)) state.replyFrom ??= state.items.length;
  state.items.push(json);
}

/** The conversation goes on from a summary. */
function onCompacted(state: State, payload: JsonObject): void {
  state.items = listOf(payload['replacement_history']).map((item) => JSON.stringify(item));
  state.replyFrom = undefined;
  state.chars = state.items.reduce((sum, item) => sum + item.length, 0);
}

function onRecord(state: State, entry: JsonObject, payload: JsonObject, number: number): readonly ReadCall[] {
  state.hasRecords = true;
  return [{ ...callOf(state, entry, objectOf(payload['usage']), number), id: textOf(payload['response_id']) }];
}

function onTotal(state: State, entry: JsonObject, payload: JsonObject, number: number): readonly ReadCall[] {
  const info = objectOf(payload['info']);
  const total = JSON.stringify(info['total_token_usage'] ?? null);
  if (state.hasRecords || info['last_token_usage'] === undefined || total === state.total) return [];
  state.total = total;
  return [callOf(state, entry, objectOf(info['last_token_usage']), number)];
}

function callOf(state: State, entry: JsonObject, usage: JsonObject, number: number): ReadCall {
  const { file, model } = state;
  const call: ReadCall = {
    source: 'codex',
    where: `${file.name}:${number}`,
    at: timeOf(entry['timestamp']),
    calls: 1,
    provider: file.vendorOf(model) ?? 'openai',
    requestModel: model,
    model,
    session: state.session ?? file.name,
    app: state.app ?? 'codex',
    outcome: 'ok',
    buckets: bucketsOf(usage),
    usageSource: 'provider',
    served: {},
    ...promptOf(state),
    reply: replyOf(state),
  };
  state.replyFrom = undefined;
  return call;
}

function bucketsOf(usage: JsonObject): Buckets {
  const totals = {
    prompt: numberOf(usage['input_tokens']),
    cacheRead: numberOf(usage['cached_input_tokens']),
    cacheWrite: numberOf(usage['cache_write_input_tokens']),
    completion: numberOf(usage['output_tokens']),
    reasoning: numberOf(usage['reasoning_output_tokens']),
  };
  return exclusive(totals, openaiDialect, new Set());
}

/** The tools a session offers are in no log of Codex. */
function promptOf({ items, replyFrom = items.length, instructions, model }: State): Pick<ReadCall, 'prompt' | 'isPartial'> {
  if (replyFrom === 0) return {};
  const form = { api: 'openai.responses', headKey: 'instructions', listKey: 'input' } as const;
  const head = instructions === undefined ? undefined : JSON.stringify(instructions);
  return { prompt: { ...form, model, tools: undefined, head, items: items.slice(0, replyFrom) }, isPartial: true };
}

function replyOf({ items, replyFrom = items.length }: State): ReadCall['reply'] {
  const said = items
    .slice(replyFrom)
    .map((json) => JSON.parse(json) as JsonObject)
    .filter(isModels);
  const parts = said.flatMap(({ content }) => listOf(content).map(objectOf));
  const tools = said.flatMap(({ type, name }) => (typeof type === 'string' && type.endsWith('_call') ? (textOf(name) ?? type) : []));
  return { text: parts.flatMap(({ text }) => textOf(text) ?? []).join('\n'), tools };
}
