import type { ApiId } from '../../core/api.ts';
import type { JsonObject } from '../../core/json.ts';
import type { ReplyFacts } from '../../core/reply.ts';
import { openaiDialect } from '../../protocols/dialect.ts';
import { replyMeter } from '../../protocols/meter.ts';
import type { ReadCall } from '../call.ts';
import { replyOf, streamedReplyOf } from './reply.ts';
import { numberOf, objectOf, requestFacts, textOf, timeOf, type FileFacts, type LineReader } from './reader.ts';

/** Keys under which recorders put the two sides of a call. */
const requestKeys = ['request', 'request_body', 'requestBody', 'input_body', 'req', 'params', 'body'];
const responseKeys = ['response', 'response_body', 'responseBody', 'reply', 'res', 'output_body', 'result'];

/** Requests and replies of OpenAI's, Anthropic's and Google's APIs, as pairs, as results of batches, or the replies alone. */
export function requestsReader(file: FileFacts): LineReader {
  return {
    line: (value, number) => {
      const call = pairOf(value, file, number);
      return call ? [call] : [];
    },
    end: () => [],
  };
}

interface Sides {
  readonly request: JsonObject;
  readonly reply: JsonObject;
  /** A stream as it was recorded. */
  readonly stream: Buffer | undefined;
  readonly status: number | undefined;
  readonly isBatch: boolean;
}

/** Whether a line looks like one. */
export const isRequestLine = (value: JsonObject): boolean => {
  const { request, reply, stream } = sidesOf(value);
  return stream !== undefined || apiOf(request, reply, stream) !== undefined;
};

function sidesOf(value: JsonObject): Sides {
  const given = (keys: readonly string[]): unknown => keys.map((key) => value[key]).find((each) => each !== undefined && each !== null);
  const response = unwrapped(given(responseKeys));
  const request = objectOf(unwrapped(given(requestKeys)));
  const inner = objectOf(response);
  const isBatch = typeof value['custom_id'] === 'string';
  const message = isBatch ? (inner['message'] ?? inner['body']) : inner['body'];
  const body = unwrapped(message ?? response ?? (isReply(value) ? value : undefined));
  return {
    request: objectOf(unwrapped(request['body'] ?? request)),
    reply: objectOf(body),
    stream: typeof body === 'string' && /^(?:event|data):/m.test(body.slice(0, 200)) ? Buffer.from(body) : undefined,
    status: numberOf(inner['status_code']) ?? numberOf(inner['status']) ?? numberOf(value['status']) ?? numberOf(value['status_code']),
    isBatch,
  };
}

/** Some recorders write bodies as text. */
function unwrapped(value: unknown): unknown {
  if (typeof value !== 'string' || !/^\s*\{/.test(value)) return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}

const isReply = (value: JsonObject): boolean => value['usage'] !== undefined || value['usageMetadata'] !== undefined;

const byObject: Readonly<Record<string, ApiId>> = {
  'chat.completion': 'openai.chat',
  'chat.completion.chunk': 'openai.chat',
  text_completion: 'openai.completions',
  response: 'openai.responses',
};

/** By what the reply says it is, else by how the request is made. */
function apiOf(request: JsonObject, reply: JsonObject, stream: Buffer | undefined): ApiId | undefined {
  const told = byObject[textOf(reply['object']) ?? ''];
  if (told) return told;
  if (reply['type'] === 'message') return 'anthropic.messages';
  if (reply['usageMetadata'] !== undefined || Array.isArray(request['contents'])) return 'google.generate_content';
  if (reply['object'] === 'list' && reply['usage'] !== undefined) return 'openai.embeddings';
  const head = stream?.toString('latin1', 0, 600) ?? '';
  if (head.includes('"message_start"')) return 'anthropic.messages';
  if (head.includes('"response.created"')) return 'openai.responses';
  if (head.includes('chat.completion.chunk')) return 'openai.chat';
  return undefined;
}

function pairOf(value: JsonObject, file: FileFacts, number: number): ReadCall | undefined {
  const sides = sidesOf(value);
  const { request, reply, stream, status, isBatch } = sides;
  const api = apiOf(request, reply, stream);
  if (api === undefined) return undefined;
  const facts = factsOf(api, sides);
  const requestModel = textOf(request['model']) ?? textOf(value['model']) ?? facts.model ?? 'unknown';
  const model = facts.model ?? requestModel;
  const isFailed = (status !== undefined && status >= 400) || facts.error !== undefined;
  return {
    source: 'requests',
    where: `${file.name}:${number}`,
    at: timeOfPair(value, reply),
    calls: 1,
    provider: textOf(value['provider']) ?? file.vendorOf(model) ?? vendors[api.split('.')[0]!] ?? 'openai',
    requestModel,
    model,
    ...labelsOf(value, request),
    outcome: isFailed ? 'failed' : 'ok',
    buckets: facts.usage?.buckets ?? (isFailed ? {} : { input: null, output: null }),
    others: facts.usage?.others,
    usageSource: facts.usage?.source ?? 'partial',
    served: isBatch ? { ...facts.served, serviceTier: 'batch' } : facts.served,
    ...(Object.keys(request).length > 0 && requestFacts(api, model, request)),
    reply: stream ? streamedReplyOf(api, stream) : replyOf(api, reply),
  };
}

const vendors: Readonly<Record<string, string>> = { openai: 'openai', anthropic: 'anthropic', google: 'google' };

/** The same reading as the gateway's, so that the same reply is the same usage. */
function factsOf(api: ApiId, { reply, stream, status }: Sides): ReplyFacts {
  const contentType = stream ? 'text/event-stream' : 'application/json';
  const meter = replyMeter({ api, dialect: openaiDialect, status: status ?? 200, contentType, contentEncoding: undefined });
  meter.write(stream ?? Buffer.from(JSON.stringify(reply)));
  return meter.facts(true) as ReplyFacts; // nothing is compressed, so it is no promise
}

function timeOfPair(value: JsonObject, reply: JsonObject): number | undefined {
  const told = ['timestamp', 'time', 'at', 'ts', 'created_at', 'start_time', 'startTime', 'date'].map((key) => timeOf(value[key]));
  return told.find((each) => each !== undefined) ?? timeOf(reply['created']) ?? timeOf(reply['created_at']) ?? timeOf(reply['createTime']);
}

function labelsOf(value: JsonObject, request: JsonObject): Pick<ReadCall, 'session' | 'app'> {
  const metadata = { ...objectOf(request['metadata']), ...objectOf(value['metadata']) };
  const first = (keys: readonly string[]): string | undefined =>
    keys.map((key) => textOf(value[key]) ?? textOf(metadata[key])).find((each) => each !== undefined);
  return {
    session: first(['session', 'session_id', 'sessionId', 'conversation_id', 'thread_id', 'trace_id', 'user_id']),
    app: first(['app', 'project', 'project_id', 'application', 'service', 'feature']),
  };
}
