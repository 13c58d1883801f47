import type { FinishReason } from '../../../core/reply.ts';

/** Why it ended, in Google's words. A function call is a normal end there. */
export const finishWords: Readonly<Record<FinishReason, string>> = {
  stop: 'STOP',
  length: 'MAX_TOKENS',
  tool_calls: 'STOP',
  content_filter: 'SAFETY',
  refusal: 'SAFETY',
  pause: 'OTHER',
  other: 'OTHER',
};
