import type { JsonObject } from '../../core/json.ts';
import type { Exchange } from '../generation.ts';
import type { Memory } from '../memory.ts';
import { VendorError } from '../wire/errors.ts';
import { inputItems } from './read-responses.ts';
import { outputItems } from './response-items.ts';

/** Puts what `previous_response_id` stands for in front of the input. @throws {VendorError} 400 when it is not kept (any more). */
export function expandPrevious(body: JsonObject, memory: Memory<readonly JsonObject[]>): JsonObject {
  const previous = body['previous_response_id'];
  if (typeof previous !== 'string') return body;
  const items = memory.get(previous);
  if (!items) throw new VendorError(400, `previous response ${previous} not found`, 'previous_response_id');
  return { ...body, input: [...items, ...inputItems(body)] };
}

/** Keeps the conversation so far under the response's id, unless `store` is off. */
export function keepResponse(exchange: Exchange, memory: Memory<readonly JsonObject[]>): void {
  if (exchange.body['store'] === false) return;
  memory.set(exchange.responseId, [...inputItems(exchange.body), ...outputItems(exchange)]);
}
