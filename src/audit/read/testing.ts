import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { createCatalog } from '../../catalog/catalog.ts';
import { priceAttempt } from '../../catalog/attempt.ts';
import type { Json, JsonObject } from '../../core/json.ts';
import { newId } from '../../core/id.ts';
import { bodyHash, openBodyStore } from '../../ledger/bodies.ts';
import { call, record, temporaryDir } from '../../ledger/fixtures.ts';
import { createAudit, type AuditResult } from '../audit.ts';
import type { LedgerRange } from './ledger.ts';
import { readAll } from './read.ts';

/** What one side said, in words of no vendor. */
export type Said =
  | { readonly role: 'user'; readonly text: string; readonly image?: string }
  | {
      readonly role: 'model';
      readonly text?: string;
      readonly call?: { readonly id: string; readonly tool: string; readonly given: JsonObject };
    }
  | { readonly role: 'result'; readonly id: string; readonly text: string };

export interface Asked {
  readonly at: number;
  readonly session: string;
  readonly app: string;
  readonly model: string;
  readonly system: string;
  readonly tools: readonly string[];
  readonly said: readonly Said[];
  readonly answer: Extract<Said, { role: 'model' }>;
  readonly outputTokens: number;
  /** The simulated provider: `marks` writes for five minutes, `none` has no cache. */
  readonly cache: 'marks' | 'automatic' | 'none';
}

interface Written {
  readonly request: JsonObject;
  readonly blocks: readonly string[];
  readonly answer: JsonObject;
}

/** A description of about so many characters. */
export const prose = (chars: number, seed = ''): string =>
  `${seed} ${'a plain line of words that says what stands here. '.repeat(Math.ceil(chars / 50))}`.slice(0, chars);

const schema = (name: string): JsonObject => ({
  type: 'object',
  properties: { [name]: { type: 'string', description: prose(1800, name) } },
});

function anthropic({ model, system, tools, said, answer }: Asked): Written {
  const message = (each: Said): JsonObject => {
    if (each.role === 'result') return { role: 'user', content: [{ type: 'tool_result', tool_use_id: each.id, content: each.text }] };
    if (each.role === 'user') return { role: 'user', content: each.text };
    const text = each.text === undefined ? [] : [{ type: 'text', text: each.text }];
    const use = each.call ? [{ type: 'tool_use', id: each.call.id, name: each.call.tool, input: each.call.given }] : [];
    return { role: 'assistant', content: [...text, ...use] };
  };
  const messages = said.map(message);
  const list = tools.map((name) => ({ name, description: `${name} does its work`, input_schema: schema(name) }));
  const request = { model, max_tokens: 1000, system, ...(list.length > 0 && { tools: list }), messages };
  return {
    request,
    blocks: [JSON.stringify(list), JSON.stringify(system), ...messages.map((each) => JSON.stringify(each))],
    answer: message(answer),
  };
}

function chat({ model, system, tools, said, answer }: Asked): Written {
  const message = (each: Said): JsonObject => {
    if (each.role === 'result') return { role: 'tool', tool_call_id: each.id, content: each.text };
    if (each.role === 'user') return each.image === undefined ? { role: 'user', content: each.text } : { role: 'user', content: [{ type: 'text', text: each.text }, { type: 'image_url', image_url: { url: each.image, detail: 'high' } }] }; // prettier-ignore
    const calls = each.call && [
      { id: each.call.id, type: 'function', function: { name: each.call.tool, arguments: JSON.stringify(each.call.given) } },
    ];
    return { role: 'assistant', content: each.text ?? '', ...(calls && { tool_calls: calls }) };
  };
  const messages = [{ role: 'system', content: system }, ...said.map(message)];
  const list = tools.map((name) => ({
    type: 'function',
    function: { name, description: `${name} does its work`, parameters: schema(name) },
  }));
  const request = { model, ...(list.length > 0 && { tools: list }), messages };
  return { request, blocks: [JSON.stringify(list), ...messages.map((each) => JSON.stringify(each))], answer: message(answer) };
}

interface Counted {
  readonly input: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  readonly output: number;
}

/** Characters of one token, in all of these. */
export const charsPerToken = 4;
const lifetimeMs = 300_000;

/** A provider that keeps the whole prompt for five minutes, by its first differing block. */
function provider(): (asked: Asked, blocks: readonly string[]) => Counted {
  const kept = new Map<string, { readonly blocks: readonly string[]; readonly at: number }>();
  return ({ session, at, cache, outputTokens: output }, blocks) => {
    const size = (some: readonly string[]): number =>
      Math.round(some.reduce((sum, { length }) => sum + (length === 2 ? 0 : length), 0) / charsPerToken);
    const all = size(blocks);
    if (cache === 'none') return { input: all, cacheRead: 0, cacheWrite: 0, output };
    const last = kept.get(session);
    kept.set(session, { blocks, at });
    const differs = last && at - last.at <= lifetimeMs ? blocks.findIndex((block, index) => block !== last.blocks[index]) : 0;
    const cacheRead = size(blocks.slice(0, differs < 0 ? blocks.length : differs));
    return cache === 'marks'
      ? { input: 0, cacheRead, cacheWrite: all - cacheRead, output }
      : { input: all - cacheRead, cacheRead, cacheWrite: 0, output };
  };
}

const anthropicUsage = ({ input, cacheRead, cacheWrite, output }: Counted): JsonObject => ({
  input_tokens: input,
  cache_read_input_tokens: cacheRead,
  cache_creation_input_tokens: cacheWrite,
  cache_creation: { ephemeral_5m_input_tokens: cacheWrite, ephemeral_1h_input_tokens: 0 },
  output_tokens: output,
});
const openaiUsage = ({ input, cacheRead, output }: Counted): JsonObject => ({
  prompt_tokens: input + cacheRead,
  prompt_tokens_details: { cached_tokens: cacheRead },
  completion_tokens: output,
  total_tokens: input + cacheRead + output,
});

/** A way in which calls may have been recorded. */
export type Form = (asked: readonly Asked[], context: TestContext) => string;
type Lines = (asked: Asked, written: Written, counted: Counted, index: number) => readonly JsonObject[];

const isClaude = ({ model }: Asked): boolean => model.startsWith('claude');

function recorded(asked: readonly Asked[], linesOf: Lines): string {
  const count = provider();
  const lines = asked.flatMap((each, index) => {
    const written = isClaude(each) ? anthropic(each) : chat(each);
    return linesOf(each, written, count(each, written.blocks), index);
  });
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

function file(context: TestContext, name: string, text: string): string {
  const dir = temporaryDir(context);
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, name), text);
  return dir;
}

function replyOf(asked: Asked, { answer }: Written, counted: Counted, index: number): JsonObject {
  if (isClaude(asked)) return { id: `msg_${index}`, type: 'message', role: 'assistant', model: asked.model, content: answer['content'] ?? [], stop_reason: 'end_turn', usage: anthropicUsage(counted) }; // prettier-ignore
  return { id: `c_${index}`, object: 'chat.completion', created: Math.floor(asked.at / 1000), model: asked.model, choices: [{ index: 0, message: answer, finish_reason: 'stop' }], usage: openaiUsage(counted) }; // prettier-ignore
}

const iso = (at: number): string => new Date(at).toISOString();

export const requestsForm: Form = (asked, context) =>
  file(
    context,
    'requests.jsonl',
    recorded(asked, (each, written, counted, index) => [
      {
        timestamp: iso(each.at),
        session: each.session,
        app: each.app,
        request: written.request,
        response: replyOf(each, written, counted, index),
      },
    ]),
  );

/** One entry a block of the reply, as the program writes it. */
export const claudeCodeForm: Form = (asked, context) =>
  file(
    context,
    'session.jsonl',
    recorded(asked, (each, { request, answer }, counted, index) => {
      const { system, tools, messages } = request;
      const common = { sessionId: each.session, timestamp: iso(each.at), cwd: `projects/${each.app}`, version: '2.1.330' };
      const hash = (at: number): string => `blob-${index}-${at}`;
      const message = { id: `msg_${index}`, type: 'message', role: 'assistant', model: each.model, usage: anthropicUsage(counted) };
      return [
        {
          type: 'api-request-shape',
          ...common,
          shapeHash: `shape-${index}`,
          shape: { system: system!, ...(tools !== undefined && { tools }) },
        },
        ...(messages as readonly JsonObject[]).map((sent, at) => ({ type: 'api-request-blob', ...common, hash: hash(at), message: sent })),
        { type: 'api-request', ...common, id: `request-${index}`, shapeHash: `shape-${index}`, params: { model: each.model, max_tokens: 1000 }, keep: 0, tail: (messages as readonly Json[]).map((_, at) => hash(at)) }, // prettier-ignore
        ...(answer['content'] as readonly Json[]).map((block, at) => ({ type: 'assistant', ...common, uuid: `u-${index}-${at}`, requestId: `req_${index}`, requestRef: `request-${index}`, message: { ...message, content: [block] } })), // prettier-ignore
      ];
    }),
  );

/** One file a session; what was sent before stands in it once. */
export const codexForm: Form = (asked, context) => {
  const count = provider();
  const dir = temporaryDir(context);
  for (const session of new Set(asked.map((each) => each.session))) {
    const own = asked.filter((each) => each.session === session);
    const lines = own.flatMap((each, index) =>
      codexLines(each, count(each, chat(each).blocks), index === 0 ? 0 : own[index - 1]!.said.length + 1),
    );
    writeFileSync(join(dir, `rollout-${session}.jsonl`), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  }
  return dir;
};

function codexLines(
  { at, session, app, model, system, said, answer }: Asked,
  { input, cacheRead, output }: Counted,
  known: number,
): readonly JsonObject[] {
  const line = (type: string, payload: JsonObject): JsonObject => ({ timestamp: iso(at), type, payload });
  const head = [
    line('session_meta', { id: session, cwd: `projects/${app}`, base_instructions: { text: system } }),
    line('turn_context', { model }),
  ];
  const usage = { input_tokens: input + cacheRead, cached_input_tokens: cacheRead, output_tokens: output, reasoning_output_tokens: 0, total_tokens: input + cacheRead + output }; // prettier-ignore
  return [
    ...(known === 0 ? head : []),
    ...[...said.slice(known), answer].flatMap((each) => codexItems(each).map((item) => line('response_item', item))),
    line('event_msg', { type: 'token_count', info: { total_token_usage: { total_tokens: at }, last_token_usage: usage } }),
  ];
}

function codexItems(each: Said): readonly JsonObject[] {
  if (each.role === 'result') return [{ type: 'function_call_output', call_id: each.id, output: each.text }];
  if (each.role === 'user') {
    const image = each.image === undefined ? [] : [{ type: 'input_image', image_url: each.image, detail: 'high' }];
    return [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: each.text }, ...image] }];
  }
  const text = each.text === undefined ? [] : [{ type: 'message', role: 'assistant', content: [{ type: 'output_text', text: each.text }] }];
  const use = each.call
    ? [{ type: 'function_call', call_id: each.call.id, name: each.call.tool, arguments: JSON.stringify(each.call.given) }]
    : [];
  return [...text, ...use];
}

export const otlpForm: Form = (asked, context) =>
  file(
    context,
    'spans.jsonl',
    recorded(asked, (each, _, counted, index) => {
      const tools = each.tools.map((name) => ({ type: 'function', name, description: `${name} does its work`, parameters: schema(name) }));
      const told: Readonly<Record<string, string | number>> = {
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': isClaude(each) ? 'anthropic' : 'openai',
        'gen_ai.request.model': each.model,
        'gen_ai.conversation.id': each.session,
        'gen_ai.usage.input_tokens': counted.input + counted.cacheRead + counted.cacheWrite,
        'gen_ai.usage.cache_read.input_tokens': counted.cacheRead,
        'gen_ai.usage.cache_creation.input_tokens': counted.cacheWrite,
        'gen_ai.usage.output_tokens': counted.output,
        'gen_ai.system_instructions': JSON.stringify([{ type: 'text', content: each.system }]),
        'gen_ai.input.messages': JSON.stringify(each.said.map(otelMessage)),
        'gen_ai.output.messages': JSON.stringify([otelMessage(each.answer)]),
        ...(tools.length > 0 && { 'gen_ai.tool.definitions': JSON.stringify(tools) }),
      };
      const attributes = Object.entries(told).map(([key, value]) => ({ key, value: typeof value === 'number' ? { intValue: String(value) } : { stringValue: value } })); // prettier-ignore
      const span = {
        traceId: `t${index}`,
        spanId: `s${index}`,
        name: 'chat',
        startTimeUnixNano: `${each.at}000000`,
        attributes,
        status: {},
      };
      const resource = { attributes: [{ key: 'service.name', value: { stringValue: each.app } }] };
      return [{ resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] }];
    }),
  );

function otelMessage(each: Said): JsonObject {
  if (each.role === 'result') return { role: 'tool', parts: [{ type: 'tool_call_response', id: each.id, response: each.text }] };
  const text = each.text === undefined ? [] : [{ type: 'text', content: each.text }];
  if (each.role === 'user') return { role: 'user', parts: text };
  return {
    role: 'assistant',
    parts: [...text, ...(each.call ? [{ type: 'tool_call', id: each.call.id, name: each.call.tool, arguments: each.call.given }] : [])],
  };
}

/** As a gateway that keeps bodies would have recorded them. */
export const ledgerForm: Form = (asked, context) => {
  const dir = temporaryDir(context);
  const catalog = createCatalog();
  const bodies = openBodyStore(dir);
  const count = provider();
  const put = (value: JsonObject): string => {
    const bytes = Buffer.from(JSON.stringify(value));
    bodies.put(bodyHash(bytes), bytes);
    return bodyHash(bytes);
  };
  const calls = asked.map((each, index) => {
    const written = isClaude(each) ? anthropic(each) : chat(each);
    const counted = count(each, written.blocks);
    const [api, vendor] = isClaude(each) ? (['anthropic.messages', 'anthropic'] as const) : (['openai.chat', 'openai'] as const);
    const { input, output, cacheRead, cacheWrite } = counted;
    const buckets = { input, output, ...(cacheRead > 0 && { cacheRead }), ...(cacheWrite > 0 && { cacheWrite5m: cacheWrite }) };
    const names = { provider: vendor, hosting: 'api', requestModel: each.model, model: each.model } as const;
    const cost = priceAttempt(catalog, {
      ...names,
      usage: { buckets, source: 'provider', flags: [], raw: undefined },
      served: {},
      at: each.at,
    });
    const stored = { request: put(written.request), reply: put(replyOf(each, written, counted, index)) };
    return call({
      id: newId(each.at),
      at: each.at,
      api,
      ...names,
      labels: { app: each.app, session: each.session },
      buckets,
      cost,
      bodies: stored,
    });
  });
  bodies.close();
  record(dir, calls);
  return dir;
};

/** The audit of what lies at some paths, of a stretch of time if one is given. */
export async function auditOf(first: string | LedgerRange, ...rest: readonly string[]): Promise<AuditResult> {
  const [range, paths] = typeof first === 'string' ? [{}, [first, ...rest]] : [first, rest];
  const catalog = createCatalog();
  const audit = createAudit(catalog);
  await readAll(paths, { ...range, vendorOf: (model) => catalog.vendorOf(model), see: (each) => audit.see(each) });
  return audit.result();
}
