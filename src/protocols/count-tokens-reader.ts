import type { Bytes } from '../core/json.ts';
import { errorOf, type ReplyReader } from './reader.ts';
import { picker } from './json-scan.ts';
import { report } from './report.ts';

const pickReply = picker({ input_tokens: 'count', totalTokens: 'count', error: 'error' });

/** Reads replies of the calls that only count a prompt: they use nothing. */
export function countTokensReader(): ReplyReader {
  let body: Bytes | undefined;
  let error: Bytes | undefined;
  return {
    tells: () => true,
    read(json) {
      const { found, whole } = pickReply(json);
      if (found.count) body = json;
      error = found.error?.at(-1) ?? error;
      return whole;
    },
    told: () => ({
      model: undefined,
      responseId: undefined,
      finishReason: undefined,
      usage: body && report({ input: 0, output: 0 }, { flags: new Set(), parts: [body] }),
      served: {},
      error: errorOf(error),
      closed: true,
    }),
  };
}
