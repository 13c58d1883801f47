import { basename } from 'node:path';
import { linesOf } from '../../audit/read/lines.ts';
import type { Json, JsonObject } from '../../core/json.ts';
import type { GenerationApiId } from '../../emulator/generation.ts';
import type { RecordedReply } from '../../emulator/in-process.ts';
import { scriptedReply } from '../../emulator/reply/script.ts';
import { seeded } from '../../emulator/reply/words.ts';
import type { RecordedCall } from '../../what-if/recorded.ts';
import { urlModel } from '../../what-if/request-body.ts';
import { failure } from '../errors.ts';
import { callBody } from '../replay/chat.ts';
import { readConversation, turnsOf, type AssistantMessage, type Conversation, type Turn } from '../replay/conversation.ts';
import { replayApi } from '../replay/replay-apis.ts';
import { timetable } from '../replay/timetable.ts';

/** What the command line says for all conversations; what it leaves open, each says for itself. */
export interface ConversationOptions {
  readonly api?: string | undefined;
  readonly model?: string | undefined;
  readonly app?: string | undefined;
  readonly cache?: boolean | undefined;
  /** Conversations read at most. */
  readonly limit?: number | undefined;
  /** When the first one begins, epoch ms: they hold no times. */
  readonly startMs: number;
  readonly seed?: number | undefined;
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

/** Whether a line is one of what `modicum replay` sends: a whole conversation, or the requests of one. */
export const isConversation = (line: JsonObject): boolean =>
  line['usage'] === undefined && line['response'] === undefined && (isMessages(line['messages']) || isRequests(line['requests']));

const isMessages = (value: Json | undefined): boolean => Array.isArray(value) && objectOf(value[0] as Json)['role'] !== undefined;
const isRequests = (value: Json | undefined): boolean => Array.isArray(value) && isMessages(objectOf(value[0] as Json)['messages']);

/** The calls of a file of conversations, one after the other; no more than one conversation is held. @throws a failure that names file and line */
export async function readConversations(path: string, options: ConversationOptions, see: (call: RecordedCall) => void): Promise<void> {
  const timesOf = timetable(options.startMs, seeded(options.seed ?? 1));
  let read = 0;
  for await (const { bytes, number } of linesOf(path, { ...(options.onBytes && { onBytes: options.onBytes }) })) {
    if (read >= (options.limit ?? Infinity)) return;
    if (bytes.toString('utf8').trim() === '') continue;
    read += 1;
    for (const call of callsOf(bytes, number, basename(path), options, timesOf)) see(call);
  }
}

type TimesOf = ReturnType<typeof timetable>;

function callsOf(bytes: Buffer, number: number, shown: string, options: ConversationOptions, timesOf: TimesOf): readonly RecordedCall[] {
  try {
    const value = JSON.parse(bytes.toString('utf8')) as JsonObject;
    if (isRequests(value['requests'])) return requestCalls(value, number, options, timesOf);
    const turns = turnsOf(readConversation(value, number));
    const times = timesOf(turns.length);
    return turns.map((turn, index) => turnCall(turn, options, times[index]!));
  } catch (error) {
    throw failure(`${shown}:${number}: ${error instanceof RangeError ? error.message : 'is no JSON'}`, error);
  }
}

function turnCall(turn: Turn, options: ConversationOptions, at: number): RecordedCall {
  const { conversation } = turn;
  const api = replayApi(options.api ?? conversation.api ?? 'chat');
  const isRecordedApi = options.api === undefined || options.api === conversation.api;
  const model = options.model ?? (isRecordedApi ? conversation.model : undefined) ?? api.defaultModel;
  const body = api.body(turn, { model, stream: false, cache: options.cache ?? conversation.cache ?? false });
  return {
    api: api.api as GenerationApiId,
    pieces: piecesOf(body),
    model: urlModel(api.api as GenerationApiId, model),
    at,
    labels: labelsOf(conversation, options),
    reply: replyOf(turn.reply),
    today: undefined,
  };
}

const labelsOf = ({ id, app, feature, user }: Conversation, options: ConversationOptions): RecordedCall['labels'] => ({
  app: options.app ?? app ?? 'replay',
  feature,
  user,
  session: id,
  task: id,
});

/** As the emulator is told a reply. */
const replyOf = ({ content, toolCalls, reasoning }: AssistantMessage): RecordedReply =>
  scriptedReply({ content, tool_calls: toolCalls.map(callBody), ...(reasoning !== undefined && { reasoning }) });

const listKeys = ['messages', 'input', 'contents'] as const;

/** JSON of a body, cut at the items of its conversation. */
function piecesOf(body: JsonObject): readonly string[] {
  const key = listKeys.find((name) => Array.isArray(body[name]));
  if (key === undefined) return [JSON.stringify(body)];
  const { [key]: items, ...rest } = body;
  const opening = JSON.stringify(rest).slice(0, -1);
  const list = (items as readonly Json[]).map((item, index) => `${index === 0 ? '' : ','}${JSON.stringify(item)}`);
  return [`${opening}${opening === '{' ? '' : ','}${JSON.stringify(key)}:[`, ...list, ']}'];
}

/** Requests of one conversation as they were sent, of OpenAI's chat API. What was answered stands in the request that follows. */
function requestCalls(line: JsonObject, number: number, options: ConversationOptions, timesOf: TimesOf): readonly RecordedCall[] {
  const requests = line['requests'] as readonly JsonObject[];
  const model = options.model ?? replayApi('chat').defaultModel;
  const session = typeof line['id'] === 'string' ? line['id'] : `conversation-${number}`;
  const times = timesOf(requests.length);
  return requests.map((request, index) => ({
    api: 'openai.chat',
    pieces: piecesOf({ model, ...request }),
    at: times[index]!,
    labels: { app: options.app ?? 'replay', session, task: session },
    reply: scriptedReply(answerIn(request, requests[index + 1])),
    today: undefined,
  }));
}

function answerIn(request: JsonObject, next: JsonObject | undefined): JsonObject {
  const sent = request['messages'] as readonly Json[];
  const then = objectOf((next?.['messages'] as readonly Json[] | undefined)?.[sent.length]);
  return then['role'] === 'assistant' ? then : { content: '' };
}

const objectOf = (value: Json | undefined): JsonObject =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as JsonObject) : {};
