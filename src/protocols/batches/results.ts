import type { ApiId } from '../../core/api.ts';
import type { Bytes } from '../../core/json.ts';
import type { Outcome } from '../../core/record.ts';
import { picker } from '../json-scan.ts';
import { stringOf } from '../reader.ts';

/** One request of a batch, as its results tell of it. */
export interface BatchResult {
  /** The provider's own id of the request within all batches, else the client's within this one. */
  readonly id: string;
  readonly customId: string;
  /** `passthrough`: an API whose usage nobody reads. */
  readonly api: ApiId;
  readonly outcome: Outcome;
  /** As a call of its own would have had it. */
  readonly status: number;
  /** The reply as a call of its own would have got it; of a failed one, its error. */
  readonly body: Bytes | undefined;
}

const pickLine = picker({ custom_id: 'customId', id: 'id', key: 'key', result: 'result', response: 'response', error: 'error' });
const pickResult = picker({ type: 'type', message: 'message', error: 'error' });
const pickResponse = picker({ status_code: 'status', body: 'body' });
const pickObject = picker({ object: 'object' });

/** One line of a file of results, of OpenAI, Anthropic or Google; `undefined` for a line of any other file. */
export function resultOfLine(line: Bytes): BatchResult | undefined {
  const { found } = pickLine(line);
  const [response, result, error] = [found.response?.[0], found.result?.[0], found.error?.[0]];
  const customId = stringOf(found.customId?.[0]);
  if (customId !== undefined && result) return anthropicResult(customId, result);
  if (customId !== undefined && (response ?? error)) return openaiResult(customId, stringOf(found.id?.[0]), response, error);
  const key = stringOf(found.key?.[0]);
  return key === undefined ? undefined : googleResult(key, response, error);
}

const anthropicEnds: Readonly<Record<string, Pick<BatchResult, 'outcome' | 'status'>>> = {
  succeeded: { outcome: 'ok', status: 200 },
  errored: { outcome: 'failed', status: 400 },
  canceled: { outcome: 'aborted', status: 499 },
  expired: { outcome: 'failed', status: 504 },
};

function anthropicResult(customId: string, result: Bytes): BatchResult | undefined {
  const { found } = pickResult(result);
  const end = anthropicEnds[stringOf(found.type?.[0]) ?? ''];
  return end && { id: customId, customId, api: 'anthropic.messages', ...end, body: found.message?.[0] ?? found.error?.[0] };
}

/** APIs by the `object` of their replies. */
const openaiApis: Readonly<Record<string, ApiId>> = {
  'chat.completion': 'openai.chat',
  text_completion: 'openai.completions',
  response: 'openai.responses',
  list: 'openai.embeddings',
};

function openaiResult(customId: string, id: string | undefined, response: Bytes | undefined, error: Bytes | undefined): BatchResult {
  const found = response ? pickResponse(response).found : undefined;
  const body = found?.body?.[0];
  const status = Number(found?.status?.[0]?.toString('latin1') ?? 0) || (error ? 504 : 200);
  const api = (body && openaiApis[stringOf(pickObject(body).found.object?.[0]) ?? '']) ?? 'passthrough';
  return { id: id ?? customId, customId, api, outcome: status < 400 ? 'ok' : 'failed', status, body: body ?? error };
}

const pickStatus = picker({ code: 'code' });

function googleResult(customId: string, response: Bytes | undefined, error: Bytes | undefined): BatchResult | undefined {
  if (response) return { id: customId, customId, api: 'google.generate_content', outcome: 'ok', status: 200, body: response };
  if (!error) return undefined;
  const code = Number(pickStatus(error).found.code?.[0]?.toString('latin1'));
  return { id: customId, customId, api: 'google.generate_content', outcome: 'failed', status: code >= 400 ? code : 500, body: error };
}

const pickInlined = picker({
  done: 'done',
  response: { inlinedResponses: { inlinedResponses: 'responses' } },
  metadata: { model: 'model', output: { inlinedResponses: { inlinedResponses: 'outputs' } } },
});
const pickEach = picker(['one']);
const pickOne = picker({ response: 'response', error: 'error', metadata: { key: 'key' } });

/** Google's results that stand in the operation itself. `undefined`: there are none, or none yet. */
export function resultsOfOperation(
  operation: Bytes,
): { readonly results: readonly BatchResult[]; readonly model: string | undefined } | undefined {
  const { found } = pickInlined(operation);
  const list = found.responses?.[0] ?? found.outputs?.[0];
  if (!list) return undefined;
  const results = (pickEach(list).found.one ?? []).flatMap((one, index) => {
    const { response, error, key } = pickOne(one).found;
    return googleResult(stringOf(key?.[0]) ?? String(index), response?.[0], error?.[0]) ?? [];
  });
  return { results, model: stringOf(found.model?.[0])?.replace(/^models\//, '') };
}
