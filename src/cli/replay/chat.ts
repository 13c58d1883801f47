import type { JsonObject } from '../../core/json.ts';
import type { Message, Tool, ToolCall } from './conversation.ts';
import type { ReplayApi } from './replay-api.ts';

/** OpenAI Chat Completions: nearly the form of the recording. */
export const chat: ReplayApi = {
  api: 'openai.chat',
  defaultModel: 'gpt-5-mini',
  path: () => '/v1/chat/completions',
  body: ({ conversation: { tools, effort }, prior }, { model, stream }) => ({
    model,
    messages: prior.map(messageBody),
    ...(tools.length > 0 && { tools: tools.map(toolBody) }),
    ...(effort !== undefined && { reasoning_effort: effort }),
    ...(stream && { stream: true, stream_options: { include_usage: true } }),
  }),
};

function messageBody(message: Message): JsonObject {
  switch (message.role) {
    case 'assistant': {
      const { content, toolCalls } = message;
      return {
        role: 'assistant',
        content: content === '' && toolCalls.length > 0 ? null : content,
        ...(toolCalls.length > 0 && { tool_calls: toolCalls.map(callBody) }),
      };
    }
    case 'tool':
      return { role: 'tool', tool_call_id: message.toolCallId, content: message.content };
    default:
      return { role: message.role, content: message.content };
  }
}

/** Also the form in which the emulator is told a reply. */
export const callBody = ({ id, name, arguments: given }: ToolCall): JsonObject => ({
  id,
  type: 'function',
  function: { name, arguments: given },
});

const toolBody = ({ name, description, parameters }: Tool): JsonObject => ({
  type: 'function',
  function: { name, description, parameters },
});
