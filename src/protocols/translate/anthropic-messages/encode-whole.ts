import type { ReplyEvent } from '../../../core/canonical/reply-event.ts';
import { jsonBytes, type Bytes, type JsonObject } from '../../../core/json.ts';
import { parsed } from '../../count.ts';
import { argumentsOf } from '../custom-tool.ts';
import { Gathering, type GatheredPart, type GatheredReply } from '../gather.ts';
import type { ReplyClient, ReplyEncoder } from '../translator.ts';
import { carrierBlock, thoughtBlock, toolUseBlock } from './blocks.ts';
import { emptyMessage } from './encode-stream.ts';
import { errorBody } from './errors.ts';
import { usageOf } from './usage.ts';
import { api, citationBlock, messageId, stopOf } from './words.ts';

/** One `message`. */
export function messageEncoder(client: ReplyClient): ReplyEncoder {
  const gathering = new Gathering();
  return {
    contentType: 'application/json',
    write(event: ReplyEvent): Bytes | undefined {
      if (event.type === 'error') return jsonBytes(errorBody(event.error, client.requestId));
      if (event.type === 'end') return jsonBytes(message(gathering.reply(), client));
      gathering.add(event);
      return undefined;
    },
  };
}

function message({ start, parts, finishes, usage }: GatheredReply, { call, requestId }: ReplyClient): JsonObject {
  const own = parts.filter(({ candidate }) => candidate === 0);
  const finish = finishes.find(({ candidate }) => candidate === 0) ?? { reason: 'other' };
  const called = own.some(({ part }) => part.type === 'tool-call');
  return {
    ...emptyMessage(messageId(start.id, requestId), start.model || call.model),
    content: own.flatMap(blocksOf),
    ...stopOf({ ...finish, called }),
    usage: usageOf(usage),
  };
}

function blocksOf({ part, text, seal, citations }: GatheredPart): readonly JsonObject[] {
  switch (part.type) {
    case 'text':
    case 'refusal': {
      const told = citations.flatMap(citationBlock);
      return [{ type: 'text', text, citations: told.length > 0 ? told : null }];
    }
    case 'reasoning':
      return [thoughtBlock(text, seal)];
    case 'tool-call':
      return [
        toolUseBlock(part.id, part.name, inputOf(part.custom ? argumentsOf(text) : text)),
        ...(seal ? [carrierBlock(part.id, seal)] : []),
      ];
    case 'opaque':
      return part.api === api ? [part.value as JsonObject] : [];
    default:
      return []; // media cannot be told
  }
}

/** Arguments that are no JSON object, as of an answer that was cut off, stand as a text in one. */
function inputOf(json: string): JsonObject {
  if (json === '') return {};
  const value = parsed(Buffer.from(json));
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return (isObject ? value : parsed(Buffer.from(argumentsOf(json)))) as JsonObject;
}
