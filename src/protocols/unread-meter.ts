import type { ReplyMeter } from '../core/reply.ts';

/** Stands in where a reply is not read; `flag` says why when it should have been. */
export function unreadMeter(flag?: string): ReplyMeter {
  return {
    write() {},
    facts: (ended) => ({
      model: undefined,
      responseId: undefined,
      finishReason: undefined,
      usage: undefined,
      served: {},
      complete: ended,
      error: undefined,
      ...(flag ? { flags: [flag] } : {}),
    }),
    text: () => '',
  };
}
