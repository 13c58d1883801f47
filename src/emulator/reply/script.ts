import type { Json } from '../../core/json.ts';
import { listOf, objectOf, textOf } from '../wire/fields.ts';
import { VendorError } from '../wire/errors.ts';
import type { PlannedTool } from './plan.ts';

/** A reply told in advance, as an assistant message of a recorded conversation. */
export interface ScriptedReply {
  readonly content: string | undefined;
  readonly reasoning?: string;
  readonly tools: readonly PlannedTool[];
}

/** Replies kept by key at most; the oldest go. */
export const scriptMax = 10_000;

/** Reads `{content, tool_calls, reasoning}`: an OpenAI assistant message, or the same with flat `{name, arguments}` calls. */
export function scriptedReply(value: Json): ScriptedReply {
  const message = objectOf(value);
  const reasoning = textOf(message['reasoning']);
  return {
    content: contentText(message['content']),
    ...(reasoning === undefined ? {} : { reasoning }),
    tools: listOf(message['tool_calls']).map(toolCall),
  };
}

function contentText(content: Json | undefined): string | undefined {
  if (typeof content === 'string') return content;
  const texts = listOf(content).map((part) => textOf(objectOf(part)['text']) ?? '');
  return texts.length > 0 ? texts.join('') : undefined;
}

function toolCall(value: Json): PlannedTool {
  const call = objectOf(value);
  const fn = call['function'] === undefined ? call : objectOf(call['function']);
  const given = fn['arguments'] ?? {};
  const id = textOf(call['id']);
  return {
    name: textOf(fn['name']) ?? 'unnamed',
    arguments: typeof given === 'string' ? given : JSON.stringify(given),
    ...(id === undefined ? {} : { id }),
  };
}

/** `x-emulator-reply`: the reply itself, as base64 or URI-encoded JSON. */
export function replyFromHeader(header: string): ScriptedReply {
  const text = header.startsWith('%7B') || header.startsWith('{') ? decodeURIComponent(header) : Buffer.from(header, 'base64').toString();
  try {
    return scriptedReply(JSON.parse(text) as Json);
  } catch {
    throw new VendorError(400, 'x-emulator-reply is neither base64 nor URI-encoded JSON');
  }
}
