import type { Family } from '../../core/api.ts';
import type { JsonObject } from '../../core/json.ts';
import { answers, type AnswerApi } from '../answers.ts';
import { bucketsOf } from '../bill/bill.ts';
import { exchangeOf, generationApis } from '../generate.ts';
import type { GenerationApiId } from '../generation.ts';
import type { EmulatorState } from '../state.ts';
import { errorBody, VendorError } from '../wire/errors.ts';
import type { Done } from './batch.ts';

export interface Ask {
  readonly customId: string;
  readonly api: GenerationApiId | AnswerApi;
  readonly family: Family;
  readonly model: string;
  readonly body: JsonObject;
  readonly credential: string;
}

const isGeneration = (api: string): api is GenerationApiId => Object.hasOwn(generationApis, api);

/** Answers one request of a batch and books it at the batch's rates; what the vendor would refuse is an error of this request alone. */
export function runOne(state: EmulatorState, ask: Ask): Done {
  try {
    const body = isGeneration(ask.api) ? generated(state, { ...ask, api: ask.api }) : answered(state, { ...ask, api: ask.api });
    return { customId: ask.customId, status: 200, body };
  } catch (error) {
    if (!(error instanceof VendorError)) throw error;
    return { customId: ask.customId, status: error.status, body: errorBody[ask.family](error) };
  }
}

function generated(state: EmulatorState, ask: Ask & { readonly api: GenerationApiId }): JsonObject {
  const { api, family, credential } = ask;
  const model = state.aliases[ask.model] ?? ask.model;
  const generation = generationApis[api];
  const header = (): undefined => undefined;
  const reading = generation.read(ask.body, model, header);
  const outcome = state.cache.account(family, model, credential, reading.prompt, reading.cache);
  const call = { ...ask, model, stream: false, asList: false, header };
  const exchange = exchangeOf(state, call, reading, outcome, undefined);
  outcome.commit();
  const output = { visible: exchange.outputTokens, reasoning: exchange.reasoningTokens };
  const buckets = bucketsOf(exchange.input, output, generation.namesWriteTtl);
  const { responseId } = exchange;
  state.ledger.add({ responseId, api, vendor: family, model, at: state.now(), buckets, complete: true, batch: true });
  return generation.whole(exchange) as JsonObject;
}

function answered(state: EmulatorState, { api, family, body, ...ask }: Ask & { readonly api: AnswerApi }): JsonObject {
  const model = state.aliases[ask.model] ?? ask.model;
  const { body: reply, billedTokens } = answers[api](body, model, ask.model);
  const entry = { responseId: state.newId('req_emu_'), api, vendor: family, model, at: state.now(), complete: true, batch: true };
  if (billedTokens !== undefined) state.ledger.add({ ...entry, buckets: { input: billedTokens } });
  return reply;
}
