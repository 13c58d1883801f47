import type { Family } from '../core/api.ts';
import type { JsonObject } from '../core/json.ts';
import type { Bill } from './bill/bill.ts';
import { exchangeOf, generationApis, type GenerationCall } from './generate.ts';
import type { Exchange, GenerationApiId } from './generation.ts';
import type { EmulatorOptions } from './options.ts';
import type { PlannedReply } from './reply/plan.ts';
import type { ScriptedReply } from './reply/script.ts';
import { createState, type EmulatorState } from './state.ts';
import { tallyOf } from './tally.ts';
import { errorBody, VendorError } from './wire/errors.ts';

/** A reply that was given before. Counts go before what the texts come to; left out, the texts are counted. */
export interface RecordedReply extends ScriptedReply {
  /** Visible output: text, tool names and arguments. */
  readonly outputTokens?: number | undefined;
  readonly reasoningTokens?: number | undefined;
}

/** A call as it reaches a vendor. */
export interface InProcessCall {
  readonly api: GenerationApiId;
  readonly family: Family;
  readonly model: string;
  readonly body: JsonObject;
  readonly stream: boolean;
  /** Whose prompt cache it is. */
  readonly credential: string;
  readonly reply: RecordedReply;
}

export interface InProcessAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** The vendors without a server: same caches, same bill, answers at once. */
export interface InProcessVendors {
  answer(call: InProcessCall): InProcessAnswer;
  bill(): Bill;
}

/** Of the options, those of connections have no meaning here. */
export function createVendors(options: Pick<EmulatorOptions, 'now' | 'recordCalls' | 'rates'>): InProcessVendors {
  const state = createState(options);
  return {
    answer: (call) => {
      try {
        return answered(state, call);
      } catch (error) {
        const known = error instanceof VendorError ? error : new VendorError(400, `the emulator cannot read it: ${String(error)}`);
        return { status: known.status, contentType: 'application/json', body: JSON.stringify(errorBody[call.family](known)) };
      }
    },
    bill: () => state.ledger.bill(),
  };
}

const noHeader = (): undefined => undefined;

function answered(state: EmulatorState, { reply, ...given }: InProcessCall): InProcessAnswer {
  const api = generationApis[given.api];
  const call: GenerationCall = { ...given, asList: false, header: noHeader, script: reply };
  const reading = api.read(call.body, call.model, noHeader);
  const [vendor, model] = api.cacheOf?.(call.model) ?? [call.family, call.model];
  const { usage, commit } = state.cache.account(vendor, model, call.credential, reading.prompt, reading.cache);
  const exchange = recounted(exchangeOf(state, call, reading, { usage, commit }, undefined), reply);
  const entry = { api: call.api, vendor: call.family, at: state.now() };
  const tally = tallyOf({ exchange, ledger: state.ledger, entry, api, streamed: false, commit });
  tally.begin();
  tally.close(true);
  if (!call.stream) return { status: 200, contentType: 'application/json', body: JSON.stringify(api.whole(exchange)) };
  const steps = api.stream(exchange).map(({ bytes }) => bytes);
  return { status: 200, contentType: 'text/event-stream; charset=utf-8', body: steps.join('') };
}

/** The recorded counts, under the limit of this request: a limit that was not there before cuts. */
function recounted(exchange: Exchange, { outputTokens, reasoningTokens }: RecordedReply): Exchange {
  const { ask, replies } = exchange;
  if (ask.silent || (outputTokens === undefined && reasoningTokens === undefined)) return exchange;
  const limit = ask.maxOutputTokens ?? Infinity;
  const wanted = { reasoning: reasoningTokens ?? exchange.reasoningTokens, output: outputTokens ?? exchange.outputTokens };
  const reasoning = Math.min(wanted.reasoning, limit);
  const output = Math.min(wanted.output, limit - reasoning);
  const isCut = reasoning + output < wanted.reasoning + wanted.output;
  const finish = (tools: number): PlannedReply['finish'] => (isCut ? 'length' : tools > 0 ? 'tool_calls' : 'stop');
  return {
    ...exchange,
    outputTokens: output,
    reasoningTokens: reasoning,
    replies: replies.map((reply, index) => ({
      ...reply,
      outputTokens: index === 0 ? output : 0,
      reasoningTokens: index === 0 ? reasoning : 0,
      finish: finish(reply.tools.length),
    })),
  };
}
