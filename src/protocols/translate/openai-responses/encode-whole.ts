import type { ReplyEvent } from '../../../core/canonical/reply-event.ts';
import { jsonBytes, type Bytes } from '../../../core/json.ts';
import { Gathering, type GatheredReply } from '../gather.ts';
import { errorBody } from '../openai-chat/errors.ts';
import { jsonWithTools, toolsText } from '../tools-text.ts';
import type { ReplyClient, ReplyEncoder } from '../translator.ts';
import { toolsOf } from './encode-tools.ts';
import { outputItems } from './output-items.ts';
import { ended, headWithoutTools, responseId } from './response.ts';

/** One `response`. */
export function responseEncoder(client: ReplyClient): ReplyEncoder {
  const gathering = new Gathering();
  return {
    contentType: 'application/json',
    write(event: ReplyEvent): Bytes | undefined {
      if (event.type === 'error') return jsonBytes({ error: errorBody(event.error) });
      if (event.type === 'end') return responseBytes(gathering.reply(), client);
      gathering.add(event);
      return undefined;
    },
  };
}

function responseBytes({ start, parts, finishes, usage }: GatheredReply, client: ReplyClient): Bytes {
  const head = headWithoutTools(start, client);
  const output = outputItems(parts, { response: responseId(start.id, client.requestId), tools: client.call.tools });
  const finish = finishes.find(({ candidate }) => candidate === 0);
  const tail = ended({ output: output.map(({ item }) => item), finish, usage }, Math.max(client.createdAt, start.createdAt ?? 0));
  return jsonWithTools({ ...head, ...tail }, toolsText(client.call.tools, toolsOf) ?? '[]');
}
