import type { ReplyEvent } from '../../../core/canonical/reply-event.ts';
import { jsonBytes, type Bytes, type JsonObject } from '../../../core/json.ts';
import { Gathering, type GatheredReply } from '../gather.ts';
import { errorBody } from '../openai-chat/errors.ts';
import type { ReplyClient, ReplyEncoder } from '../translator.ts';
import { outputItems } from './output-items.ts';
import { ended, responseHead, responseId } from './response.ts';

/** One `response`. */
export function responseEncoder(client: ReplyClient): ReplyEncoder {
  const gathering = new Gathering();
  return {
    contentType: 'application/json',
    write(event: ReplyEvent): Bytes | undefined {
      if (event.type === 'error') return jsonBytes({ error: errorBody(event.error) });
      if (event.type === 'end') return jsonBytes(response(gathering.reply(), client));
      gathering.add(event);
      return undefined;
    },
  };
}

function response({ start, parts, finishes, usage }: GatheredReply, client: ReplyClient): JsonObject {
  const head = responseHead(start, client);
  const output = outputItems(parts, { response: responseId(start.id, client.requestId), tools: client.call.tools });
  const finish = finishes.find(({ candidate }) => candidate === 0);
  const tail = ended({ output: output.map(({ item }) => item), finish, usage }, Math.max(client.createdAt, start.createdAt ?? 0));
  return { ...head, ...tail };
}
