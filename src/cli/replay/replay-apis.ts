import { usageError } from '../errors.ts';
import { chat } from './chat.ts';
import { generate } from './generate.ts';
import { messages } from './messages.ts';
import type { ReplayApi } from './replay-api.ts';
import { responses } from './responses.ts';

/** By the word of `--api`. */
export const replayApis = { chat, messages, responses, generate } as const satisfies Record<string, ReplayApi>;

/** @throws a usage error when there is none of that name. */
export function replayApi(name: string): ReplayApi {
  if (Object.hasOwn(replayApis, name)) return replayApis[name as keyof typeof replayApis];
  throw usageError(`--api: "${name}" is none of ${Object.keys(replayApis).join(', ')}`);
}
