import type { EmulatorState } from '../state.ts';
import { anthropicBatches } from './anthropic.ts';
import type { BatchAnswer, BatchRequest } from './batch.ts';
import { googleBatches } from './google.ts';
import { openaiBatches } from './openai.ts';

/** Batches of the three vendors; `undefined` for any other path. @throws {VendorError} */
export async function serveBatches(state: EmulatorState, request: BatchRequest): Promise<BatchAnswer | undefined> {
  // Google's version 1 and OpenAI have the same path of batches.
  if (request.header('x-goog-api-key') !== undefined) return googleBatches(state, request);
  return (await anthropicBatches(state, request)) ?? (await openaiBatches(state, request)) ?? googleBatches(state, request);
}
