import type { FailureReason } from './verdict.ts';

/** What a refusal's body says, by vendor. Codes where a vendor has one, else the words of its message. */
interface Sign {
  readonly reason: Extract<FailureReason, 'overflow' | 'filtered'>;
  readonly vendor: string;
  readonly says: RegExp;
}

const signs: readonly Sign[] = [
  { reason: 'overflow', vendor: 'OpenAI, Azure, Groq, xAI', says: /"code"\s*:\s*"context_length_exceeded"/ },
  { reason: 'overflow', vendor: 'vLLM, DeepSeek, OpenRouter, Together', says: /maximum context length/i },
  { reason: 'overflow', vendor: 'Anthropic', says: /prompt is too long|exceed(?:s)? (?:the )?context (?:limit|window)/i },
  { reason: 'overflow', vendor: 'Anthropic, bytes', says: /"type"\s*:\s*"request_too_large"/ },
  { reason: 'overflow', vendor: 'Google', says: /input token count[^"]*exceeds the maximum number of tokens/i },
  { reason: 'overflow', vendor: 'Bedrock', says: /input is too long for requested model/i },
  { reason: 'overflow', vendor: 'Mistral', says: /prompt contains \d+ tokens[^"]*too large for model/i },
  { reason: 'overflow', vendor: 'xAI', says: /maximum prompt length is/i },
  { reason: 'overflow', vendor: 'Cohere', says: /too many tokens: (?:size|total) limit exceeded/i },
  { reason: 'overflow', vendor: 'llama.cpp', says: /exceed_context_size_error|exceeds the available context size/i },
  { reason: 'filtered', vendor: 'OpenAI, Azure', says: /"code"\s*:\s*"(?:content_filter|content_policy_violation|invalid_prompt)"/ },
  { reason: 'filtered', vendor: 'Azure', says: /ResponsibleAIPolicyViolation/ },
  { reason: 'filtered', vendor: 'Anthropic', says: /output blocked by content filtering policy/i },
];

/** Statuses whose body is read for these signs. */
export const refusing: ReadonlySet<number> = new Set([400, 413, 422]);

/** Why a refusal was made, if it says one of these. */
export const reasonIn = (body: string): Sign['reason'] | undefined => signs.find(({ says }) => says.test(body))?.reason;

/** Google refuses a prompt in a good reply. Text of an answer cannot look so: its quotes are escaped. */
export const isBlocked = (body: string): boolean => /"blockReason"\s*:/.test(body);

/** Whether the first event of a stream is the provider's error: `event: error`, an `error` object, or the type of one. */
export const isErrorEvent = (event: string): boolean =>
  /^event:\s*error\s*$/m.test(event) ||
  /^(?:data:\s*|\[?\s*)\{\s*"(?:error"\s*:\s*[{"]|type"\s*:\s*"(?:error|response\.failed)")/m.test(event);
