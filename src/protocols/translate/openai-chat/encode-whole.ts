import type { ReplyEvent } from '../../../core/canonical/reply-event.ts';
import { jsonBytes, type Bytes, type Json, type JsonObject } from '../../../core/json.ts';
import { dataUrl } from '../data-url.ts';
import { Gathering, type GatheredPart, type GatheredReply } from '../gather.ts';
import type { ReplyClient, ReplyEncoder } from '../translator.ts';
import { errorBody } from './errors.ts';
import { usageOf } from './usage.ts';
import { annotationOf, finishWords, replyId, tierOf } from './words.ts';

/** One `chat.completion`. */
export function completionEncoder(client: ReplyClient): ReplyEncoder {
  const gathering = new Gathering();
  return {
    contentType: 'application/json',
    write(event: ReplyEvent): Bytes | undefined {
      if (event.type === 'error') return jsonBytes({ error: errorBody(event.error) });
      if (event.type === 'end') return jsonBytes(completion(gathering.reply(), client));
      gathering.add(event);
      return undefined;
    },
  };
}

function completion({ start, parts, finishes, usage }: GatheredReply, { call, requestId, createdAt }: ReplyClient): JsonObject {
  const told = usage && usageOf(usage.buckets);
  return {
    id: replyId(start.id, requestId),
    object: 'chat.completion',
    created: start.createdAt ?? createdAt,
    model: start.model || call.model,
    choices: finishes.map(({ candidate, reason }) =>
      choice(
        candidate,
        parts.filter((part) => part.candidate === candidate),
        finishWords[reason],
      ),
    ),
    ...(told && { usage: told }),
    ...(usage && tierOf(usage.served)),
  };
}

function choice(index: number, parts: readonly GatheredPart[], finishReason: string): JsonObject {
  const logprobs = parts.flatMap((part) => part.logprobs);
  return {
    index,
    message: message(parts),
    logprobs: logprobs.length > 0 ? { content: logprobs, refusal: null } : null,
    finish_reason: finishReason,
  };
}

function message(parts: readonly GatheredPart[]): JsonObject {
  const said = (type: 'text' | 'refusal'): string | null => joined(parts, type, '') ?? null;
  const thought = joined(parts, 'reasoning', '\n\n');
  const calls = parts.flatMap(toolCall);
  const annotations = parts.flatMap(({ citations }) => citations.flatMap(annotationOf));
  const images = parts.flatMap(image);
  return {
    role: 'assistant',
    content: said('text'),
    refusal: said('refusal'),
    ...(thought !== undefined && { reasoning_content: thought }),
    ...(calls.length > 0 && { tool_calls: calls }),
    ...(annotations.length > 0 && { annotations }),
    ...(images.length > 0 && { images }),
  };
}

/** Texts of one kind; `undefined` when there are none. */
function joined(parts: readonly GatheredPart[], type: 'text' | 'refusal' | 'reasoning', between: string): string | undefined {
  const texts = parts.filter(({ part }) => part.type === type).map(({ text }) => text);
  return texts.length === 0 ? undefined : texts.join(between);
}

function toolCall({ part, text, seal }: GatheredPart): readonly Json[] {
  if (part.type !== 'tool-call') return [];
  const { id, name } = part;
  if (part.custom) return [{ id, type: 'custom', custom: { name, input: text } }];
  const extra = seal?.family === 'google' ? { extra_content: { google: { thought_signature: seal.data } } } : {};
  return [{ id, type: 'function', function: { name, arguments: text }, ...extra }];
}

const image = ({ part }: GatheredPart): readonly Json[] =>
  part.type === 'image' ? [{ type: 'image_url', image_url: { url: dataUrl(part.mediaType, part.data) } }] : [];
