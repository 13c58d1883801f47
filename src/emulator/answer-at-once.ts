import type { ServerResponse } from 'node:http';
import type { Family } from '../core/api.ts';
import type { JsonObject } from '../core/json.ts';
import { answers, type AnswerApi } from './answers.ts';
import { faultStatus, namedFault } from './faults.ts';
import type { HeaderOf } from './generation.ts';
import type { EmulatorState } from './state.ts';
import { deliverWhole, type Delivery, type Tally } from './wire/deliver.ts';
import { VendorError } from './wire/errors.ts';
import { without } from './wire/fields.ts';
import { openReply, replyEncoding } from './wire/open-reply.ts';

/** One call to an API that does not generate: a count, an embedding. */
export interface AnswerCall {
  readonly api: AnswerApi;
  readonly family: Family;
  readonly model: string;
  readonly body: JsonObject;
  readonly header: HeaderOf;
}

const usageKeys = new Set(['usage', 'usageMetadata']);

/** Answers, faults included, and books what costs something. @throws {VendorError} before anything is sent. */
export async function answerAtOnce(state: EmulatorState, call: AnswerCall, response: ServerResponse): Promise<void> {
  const { api, family, header } = call;
  const fault = namedFault(header('x-emulator-fault')) ?? state.chooseFault({ index: state.nextCall(), model: call.model });
  const status = faultStatus(fault) ?? (fault === 'error-event' ? 500 : undefined);
  if (status !== undefined) throw new VendorError(status, `scripted fault ${fault}`);
  const model = state.aliases[call.model] ?? call.model;
  const { body, billedTokens } = answers[api](call.body, model, call.model);
  // Neither embeddings nor counts have an id in their bodies: the bill goes by the request id of the headers.
  const requestId = state.newId('req_emu_');
  const entry = { responseId: requestId, api, vendor: family, model, at: state.now(), ...(fault === undefined ? {} : { fault }) };
  const book = (complete: boolean): void => {
    if (billedTokens !== undefined) state.ledger.add({ ...entry, buckets: { input: billedTokens }, complete });
  };
  const told = fault === 'missing-usage' ? without(body, usageKeys) : body;
  const encoding = replyEncoding(state.compress, header);
  const open: Delivery['open'] = (length) => openReply(response, { contentType: 'application/json', encoding, requestId, length });
  const { pacing, stallMs } = state;
  await deliverWhole({ response, open, pacing, fault, stallMs, errorEvent: '', tally: wholeTally(book) }, JSON.stringify(told));
}

const wholeTally = (close: Tally['close']): Tally => ({ begin: () => {}, sent: () => {}, close });
