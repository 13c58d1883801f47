import type { ServerResponse } from 'node:http';
import type { Family } from '../core/api.ts';
import type { JsonObject } from '../core/json.ts';
import { messages } from './anthropic/messages.ts';
import { faultStatus, namedFault, type FaultName } from './faults.ts';
import type { Exchange, GenerationApi, GenerationApiId, HeaderOf, Reading } from './generation.ts';
import { generateContent } from './google/generate-content.ts';
import { chat } from './openai/chat.ts';
import { completions } from './openai/completions.ts';
import { responses } from './openai/responses.ts';
import { converse } from './clouds/converse.ts';
import { exceptionEvent, framed, framedType } from './clouds/framed.ts';
import type { CloudRoute } from './clouds/route.ts';
import type { CacheOutcome } from './cache/prompt-cache.ts';
import { planReply } from './reply/plan.ts';
import { replyFromHeader, type ScriptedReply } from './reply/script.ts';
import type { EmulatorState } from './state.ts';
import { tallyOf } from './tally.ts';
import { deliverStream, deliverWhole, type Delivery } from './wire/deliver.ts';
import { errorBody, VendorError } from './wire/errors.ts';
import { openReply, replyEncoding } from './wire/open-reply.ts';
import { sse } from './wire/sse.ts';

export const generationApis: Readonly<Record<GenerationApiId, GenerationApi>> = {
  'openai.chat': chat,
  'openai.completions': completions,
  'openai.responses': responses,
  'anthropic.messages': messages,
  'google.generate_content': generateContent,
  'bedrock.converse': converse,
};

/** One call to an API that generates. */
export interface GenerationCall {
  readonly api: GenerationApiId;
  readonly family: Family;
  readonly model: string;
  readonly body: JsonObject;
  readonly stream: boolean;
  /** A stream as one JSON list. */
  readonly asList: boolean;
  readonly header: HeaderOf;
  /** Hosted by a cloud. */
  readonly cloud?: Pick<CloudRoute, 'billedBy' | 'frames' | 'named'> | undefined;
  /** Whose prompt cache it is. */
  readonly credential: string;
  /** What to answer; left out: as the headers say, else made up. */
  readonly script?: ScriptedReply;
}

/** Reads, accounts, plans, and sends the reply of one call. @throws {VendorError} before anything is sent. */
export async function generate(state: EmulatorState, call: GenerationCall, response: ServerResponse): Promise<void> {
  const fault = namedFault(call.header('x-emulator-fault')) ?? state.chooseFault({ index: state.nextCall(), model: call.model });
  const status = faultStatus(fault) ?? (fault === 'error-event' && !call.stream ? 500 : undefined);
  if (status !== undefined) throw new VendorError(status, `scripted fault ${fault}`);
  const api = generationApis[call.api];
  const body = api.expand?.(call.body, state.responses) ?? call.body;
  const asked = state.aliases[call.model] ?? call.model;
  const model = call.cloud?.named?.(asked) ?? asked;
  const reading = api.read(body, model, call.header);
  const outcome = state.cache.account(
    ...(api.cacheOf?.(model) ?? ([call.family, model] as const)),
    call.credential,
    reading.prompt,
    reading.cache,
  );
  const exchange = exchangeOf(state, { ...call, body, model }, reading, outcome, fault);
  api.keep?.(exchange, state.responses);
  await send(state, call, exchange, { response, fault, commit: outcome.commit });
}

export function exchangeOf(
  state: EmulatorState,
  call: GenerationCall,
  reading: Reading,
  outcome: CacheOutcome,
  fault: FaultName | undefined,
): Exchange {
  const script = call.script ?? scriptOf(state, call.header);
  const toolNames = call
    .header('x-emulator-tool')
    ?.split(',')
    .map((name) => name.trim());
  const replies = Array.from({ length: reading.ask.choices }, (_, index) =>
    planReply(reading.ask, { seed: state.seed + index, script, ...(toolNames ? { toolNames } : {}) }),
  );
  return {
    responseId: state.newId(generationApis[call.api].idPrefix),
    createdSeconds: Math.floor(state.now() / 1000),
    body: call.body,
    model: call.model,
    ask: reading.ask,
    input: outcome.usage,
    inputTokens: reading.prompt.tokens,
    replies,
    outputTokens: replies.reduce((sum, reply) => sum + reply.outputTokens, 0),
    reasoningTokens: replies.reduce((sum, reply) => sum + reply.reasoningTokens, 0),
    omitUsage: fault === 'missing-usage',
    asList: call.asList,
    chunkTokens: state.pacing.chunkTokens,
  };
}

function scriptOf(state: EmulatorState, header: HeaderOf): ScriptedReply | undefined {
  const reply = header('x-emulator-reply');
  if (reply !== undefined) return replyFromHeader(reply);
  const key = header('x-emulator-script');
  if (key === undefined) return undefined;
  const script = state.scripts.get(key);
  if (!script) throw new VendorError(400, `no reply is scripted under ${key}`);
  return script;
}

interface Sending {
  readonly response: ServerResponse;
  readonly fault: FaultName | undefined;
  readonly commit: () => void;
}

async function send(state: EmulatorState, call: GenerationCall, exchange: Exchange, { response, fault, commit }: Sending): Promise<void> {
  const api = generationApis[call.api];
  const entry = {
    api: call.api,
    vendor: call.cloud?.billedBy ?? call.family,
    ...(call.cloud?.named && { ratesAs: call.model }),
    at: state.now(),
    ...(fault === undefined ? {} : { fault }),
  };
  const tally = tallyOf({ exchange, ledger: state.ledger, entry, api, streamed: call.stream, commit });
  const frames = call.stream ? call.cloud?.frames : undefined;
  const eventType = frames ? framedType : 'text/event-stream; charset=utf-8';
  const contentType = call.stream && !call.asList ? eventType : 'application/json';
  const encoding = replyEncoding(state.compress, call.header);
  const delivery: Delivery = {
    response,
    open: (length) => openReply(response, { contentType, encoding, length, requestId: exchange.responseId }),
    pacing: state.pacing,
    fault,
    stallMs: state.stallMs,
    errorEvent: frames ? exceptionEvent() : errorEvent(call),
    tally,
  };
  if (call.stream) await deliverStream(delivery, frames ? framed(api.stream(exchange), frames) : api.stream(exchange));
  else await deliverWhole(delivery, JSON.stringify(api.whole(exchange)));
}

function errorEvent({ family, api, asList }: GenerationCall): string {
  const body = errorBody[family](new VendorError(family === 'anthropic' ? 529 : 503, 'scripted fault error-event'));
  if (asList) return `,\r\n${JSON.stringify(body)}]`;
  if (family === 'anthropic') return sse(body, 'error');
  if (api !== 'openai.responses') return sse(body);
  return sse(
    { type: 'error', code: 'server_error', message: '[emulator] scripted fault error-event', param: null, sequence_number: 10_000 },
    'error',
  );
}
