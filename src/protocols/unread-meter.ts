import type { ReplyMeter } from '../core/reply.ts';

/** Stands in where a reply cannot be read, and says why with `flag`. */
export function unreadMeter(flag: string): ReplyMeter {
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
      flags: [flag],
    }),
    text: () => '',
  };
}
