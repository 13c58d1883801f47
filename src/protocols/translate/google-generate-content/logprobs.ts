import type { Json, JsonObject } from '../../../core/json.ts';
import { field, list } from '../../count.ts';

/** Google's `logprobsResult` in OpenAI's shape. */
export function decodeLogprobs(result: unknown): readonly Json[] {
  const alternatives = list(field(result, 'topCandidates'));
  return list(field(result, 'chosenCandidates')).map((chosen, at) => ({
    ...tokenOf(chosen),
    top_logprobs: list(field(alternatives[at], 'candidates')).map(tokenOf),
  }));
}

function tokenOf(candidate: unknown): JsonObject {
  const token = field(candidate, 'token');
  const logprob = field(candidate, 'logProbability');
  const word = typeof token === 'string' ? token : '';
  return { token: word, logprob: typeof logprob === 'number' ? logprob : 0, bytes: [...Buffer.from(word)] };
}

/** `undefined` when there are none. */
export function encodeLogprobs(tokens: readonly Json[]): JsonObject | undefined {
  if (tokens.length === 0) return undefined;
  return {
    chosenCandidates: tokens.map(candidateOf),
    topCandidates: tokens.map((token) => ({ candidates: list(field(token, 'top_logprobs')).map(candidateOf) })),
  };
}

function candidateOf(token: unknown): JsonObject {
  const word = field(token, 'token');
  const logprob = field(token, 'logprob');
  return { token: typeof word === 'string' ? word : '', logProbability: typeof logprob === 'number' ? logprob : 0 };
}
