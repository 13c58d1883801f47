import type { JsonObject } from '../../core/json.ts';
import type { Message, Tool } from './conversation.ts';
import type { ReplayApi } from './replay-api.ts';
import { systemText } from './system-text.ts';

/** OpenAI Responses: the whole conversation as input items, nothing kept by the vendor. */
export const responses: ReplayApi = {
  api: 'openai.responses',
  defaultModel: 'gpt-5-mini',
  path: () => '/v1/responses',
  body: ({ conversation: { tools, effort }, prior }, { model, stream }) => {
    const instructions = systemText(prior);
    return {
      model,
      ...(instructions !== '' && { instructions }),
      input: prior.flatMap(items),
      ...(tools.length > 0 && { tools: tools.map(toolBody) }),
      ...(effort !== undefined && { reasoning: { effort } }),
      ...(stream && { stream: true }),
      store: false,
    };
  },
};

function items(message: Message): readonly JsonObject[] {
  switch (message.role) {
    case 'system':
      return [];
    case 'user':
      return [{ role: 'user', content: message.content }];
    case 'tool':
      return [{ type: 'function_call_output', call_id: message.toolCallId, output: message.content }];
    default:
      return [
        ...(message.content === '' ? [] : [{ role: 'assistant', content: message.content }]),
        ...message.toolCalls.map(({ id, name, arguments: given }) => ({ type: 'function_call', call_id: id, name, arguments: given })),
      ];
  }
}

const toolBody = ({ name, description, parameters }: Tool): JsonObject => ({ type: 'function', name, description, parameters });
