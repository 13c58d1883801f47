import type { Json, JsonObject } from '../../core/json.ts';
import { anthropicUsage } from '../../protocols/anthropic-usage.ts';
import type { Prompt } from '../../prefix/prompt.ts';
import type { ReadCall } from '../call.ts';
import { listOf, numberOf, objectOf, textOf, timeOf, type FileFacts, type LineReader } from './reader.ts';

/** Requests of a session whose prompts are remembered, to make the next ones of. */
const maxRequests = 64;
/** Characters of messages a session may hold before the oldest go. */
export const maxSessionChars = 64 * 1024 * 1024;

interface Request {
  readonly hashes: readonly string[];
  readonly shape: string;
  readonly settings: string;
}

interface State {
  readonly file: FileFacts;
  readonly blobs: Map<string, string>;
  readonly shapes: Map<string, { readonly system: string | undefined; readonly tools: string | undefined }>;
  readonly requests: Map<string, Request>;
  /** Messages as they stand in the log, for versions that do not log requests; by agent. */
  readonly spoken: Map<string, string[]>;
  readonly open: Map<string, Draft>;
  /** What was said since the last request: a message that is an entry of its own is not logged again as part of a request. */
  since: (Draft | string)[];
  chars: number;
}

/** A reply whose blocks come as one entry each, all with the same usage. */
interface Draft {
  readonly entry: JsonObject;
  readonly number: number;
  message: JsonObject;
  readonly content: Json[];
  readonly prompt: Pick<ReadCall, 'prompt' | 'settings' | 'isPartial'>;
}

/** Claude Code's session logs: one entry a block of a reply, the usage repeated in each; the last entry of a reply has its final count. */
export function claudeCodeReader(file: FileFacts): LineReader {
  const state: State = {
    file,
    blobs: new Map(),
    shapes: new Map(),
    requests: new Map(),
    spoken: new Map(),
    open: new Map(),
    since: [],
    chars: 0,
  };
  return {
    line: (entry, number) => {
      const type = entry['type'];
      if (type === 'assistant') return onAssistant(state, entry, number);
      if (type === 'user') onUser(state, entry);
      else if (type === 'api-request-blob') keepBlob(state, entry);
      else if (type === 'api-request-shape') keepShape(state, entry);
      else if (type === 'api-request') keepRequest(state, entry);
      return [];
    },
    end: () => [...state.open.keys()].flatMap((agent) => closed(state, agent)),
  };
}

/** Whose conversation an entry belongs to: the main one, or a sub-agent's. */
const agentOf = (entry: JsonObject): string => textOf(entry['agentId']) ?? (entry['isSidechain'] === true ? 'sidechain' : '');

function onAssistant(state: State, entry: JsonObject, number: number): readonly ReadCall[] {
  const message = objectOf(entry['message']);
  const agent = agentOf(entry);
  const open = state.open.get(agent);
  if (open && idOf(open.entry, open.message) === idOf(entry, message)) {
    open.message = message;
    open.content.push(...listOf(message['content']));
    return [];
  }
  const before = closed(state, agent);
  if (message['model'] === '<synthetic>' || typeof message['usage'] !== 'object') return before;
  const draft = { entry, number, message, content: [...listOf(message['content'])], prompt: promptFor(state, entry) };
  state.open.set(agent, draft);
  remember(state, draft);
  return before;
}

/** One reply has one message id and one request id, in however many entries. */
const idOf = (entry: JsonObject, message: JsonObject): string =>
  JSON.stringify([message['id'] ?? entry['uuid'], message['id'] === undefined ? entry['requestId'] : null]);

function onUser(state: State, entry: JsonObject): void {
  const { role, content } = objectOf(entry['message']);
  if (content !== undefined) remember(state, JSON.stringify({ role, content }));
  if (content !== undefined && state.requests.size === 0) keepSpoken(state, agentOf(entry), JSON.stringify({ role, content }));
}

function keepSpoken(state: State, agent: string, json: string): void {
  const spoken = state.spoken.get(agent) ?? [];
  if (state.chars + json.length > maxSessionChars) {
    state.spoken.clear();
    state.chars = 0;
  }
  spoken.push(json);
  state.chars += json.length;
  state.spoken.set(agent, spoken);
}

function closed(state: State, agent: string): readonly ReadCall[] {
  const draft = state.open.get(agent);
  if (!draft) return [];
  state.open.delete(agent);
  if (state.requests.size === 0) keepSpoken(state, agent, JSON.stringify({ role: 'assistant', content: draft.content }));
  return [callOf(state, draft)];
}

function callOf({ file }: State, { entry, number, message, content, prompt }: Draft): ReadCall {
  const model = textOf(message['model']) ?? 'unknown';
  const usage = anthropicUsage(undefined, Buffer.from(JSON.stringify(message['usage'])));
  const { service_tier: serviceTier, speed, inference_geo: inferenceGeo } = objectOf(message['usage']);
  const blocks = content.map(objectOf);
  const texts = blocks.flatMap(({ text }) => textOf(text) ?? []);
  const tools = blocks.flatMap(({ type, name }) => (type === 'tool_use' ? (textOf(name) ?? []) : []));
  return {
    source: 'claude-code',
    id: textOf(message['id']) && `${textOf(message['id'])} ${textOf(entry['timestamp']) ?? ''}`,
    where: `${file.name}:${number}`,
    at: timeOf(entry['timestamp']),
    calls: 1,
    provider: file.vendorOf(model) ?? 'anthropic',
    requestModel: model,
    model,
    session: `${textOf(entry['sessionId']) ?? file.name}${agentOf(entry) === '' ? '' : `/${agentOf(entry)}`}`,
    app: projectOf(entry['cwd']) ?? 'claude-code',
    outcome: entry['isApiErrorMessage'] === true ? 'failed' : 'ok',
    buckets: usage?.buckets ?? { input: null, output: null },
    others: usage?.others,
    usageSource: usage?.source ?? 'partial',
    served: {
      ...(typeof serviceTier === 'string' && { serviceTier }),
      ...(typeof speed === 'string' && { speed }),
      ...(typeof inferenceGeo === 'string' && { inferenceGeo }),
    },
    reply: { text: texts.join('\n'), tools },
    ...prompt,
  };
}

/** The last folder of a path. */
export const projectOf = (cwd: unknown): string | undefined =>
  textOf(cwd)
    ?.split(/[/\\]+/)
    .findLast((part) => part !== '');

function promptFor(state: State, entry: JsonObject): Draft['prompt'] {
  const request = state.requests.get(textOf(entry['requestRef']) ?? '');
  const model = textOf(objectOf(entry['message'])['model']) ?? '';
  if (!request) return spokenPrompt(state, model, agentOf(entry));
  const items = request.hashes.map((hash) => state.blobs.get(hash));
  const shape = state.shapes.get(request.shape);
  if (!shape || items.includes(undefined)) return {};
  return { prompt: { ...form, model, tools: shape.tools, head: shape.system, items: items as string[] }, settings: request.settings };
}

const form = { api: 'anthropic.messages', headKey: 'system', listKey: 'messages' } as const satisfies Partial<Prompt>;

function spokenPrompt(state: State, model: string, agent: string): Draft['prompt'] {
  const items = [...(state.spoken.get(agent) ?? [])];
  return items.length === 0 ? {} : { prompt: { ...form, model, tools: undefined, head: undefined, items }, isPartial: true };
}

const keepBlob = (state: State, entry: JsonObject): void =>
  putBlob(state, textOf(entry['hash']) ?? '', JSON.stringify(entry['message'] ?? null));

function putBlob(state: State, hash: string, json: string): void {
  state.blobs.set(hash, json);
  state.chars += json.length;
  for (const [oldest, old] of state.blobs) {
    if (state.chars <= maxSessionChars) break;
    state.blobs.delete(oldest);
    state.chars -= old.length;
  }
}

function keepShape(state: State, entry: JsonObject): void {
  const { system, tools } = objectOf(entry['shape']);
  const textOrNot = (value: Json | undefined): string | undefined => (value === undefined ? undefined : JSON.stringify(value));
  state.shapes.set(textOf(entry['shapeHash']) ?? '', { system: textOrNot(system), tools: textOrNot(tools) });
}

/** A request is told as what it shares with an earlier one, and what comes behind. */
function keepRequest(state: State, entry: JsonObject): void {
  const base = state.requests.get(textOf(entry['base']) ?? '')?.hashes ?? [];
  const tail = listOf(entry['tail']).filter((hash) => typeof hash === 'string');
  nameSaid(
    state,
    tail.filter((hash) => !state.blobs.has(hash)),
  );
  const hashes = [...base.slice(0, numberOf(entry['keep']) ?? 0), ...tail];
  const request = { hashes, shape: textOf(entry['shapeHash']) ?? '', settings: JSON.stringify(entry['params'] ?? null) };
  state.requests.set(textOf(entry['id']) ?? '', request);
  if (state.requests.size > maxRequests) state.requests.delete(state.requests.keys().next().value!);
}

/** Messages between two requests that are remembered. */
const maxSaid = 64;

function remember(state: State, said: Draft | string): void {
  state.since.push(said);
  if (state.since.length > maxSaid) state.since.shift();
}

/** The newest messages that were said are those whose content the log leaves out. */
function nameSaid(state: State, hashes: readonly string[]): void {
  const said = state.since.map((each) => (typeof each === 'string' ? each : JSON.stringify({ role: 'assistant', content: each.content })));
  state.since = [];
  if (hashes.length === 0 || said.length < hashes.length) return;
  for (const [index, json] of said.slice(-hashes.length).entries()) putBlob(state, hashes[index]!, json);
}
