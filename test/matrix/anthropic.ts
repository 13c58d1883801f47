import Anthropic from '@anthropic-ai/sdk';
import { clock, weather } from '../metered.ts';
import { answerSchema, pixel, type Answer, type MatrixClient, type Question } from './conversation.ts';

export const anthropicClient: MatrixClient = {
  name: '@anthropic-ai/sdk',
  api: 'anthropic.messages',
  label: /^Anthropic\/JS$/,
  open({ url, model, headers }) {
    const anthropic = new Anthropic({ apiKey: 'sk-ant-of-the-client', baseURL: url, maxRetries: 0, defaultHeaders: headers });
    const messages: Anthropic.MessageParam[] = [];
    return {
      user: (text, image) =>
        void messages.push({
          role: 'user',
          content: [
            { type: 'text', text },
            ...(image
              ? [{ type: 'image' as const, source: { type: 'base64' as const, media_type: 'image/png' as const, data: pixel } }]
              : []),
          ],
        }),
      results: (results) =>
        void messages.push({
          role: 'user',
          content: results.map(({ use, text }) => ({ type: 'tool_result' as const, tool_use_id: use.id, content: text })),
        }),
      async ask(question) {
        const body = { model, max_tokens: 2000, messages, ...bodyOf(question) };
        const message = question.stream ? await streamed(anthropic, body, question) : await anthropic.messages.create(body);
        messages.push({ role: 'assistant', content: message.content });
        return answerOf(message);
      },
    };
  },
};

const bodyOf = ({ tools, schema, reasoning }: Question) => ({
  ...(tools && { tools: [weather, clock].map(({ parameters, ...tool }) => ({ ...tool, input_schema: parameters })) }),
  ...((schema || reasoning) && {
    output_config: {
      ...(schema && { format: { type: 'json_schema' as const, schema: answerSchema } }),
      ...(reasoning && { effort: 'low' as const }),
    },
  }),
  ...(reasoning && { thinking: { type: 'adaptive' as const, display: 'summarized' as const } }),
});

async function streamed(
  anthropic: Anthropic,
  body: Anthropic.MessageCreateParamsNonStreaming,
  { leave }: Question,
): Promise<Anthropic.Message> {
  const stream = anthropic.messages.stream(body);
  if (leave) stream.on('text', () => stream.abort());
  return stream.finalMessage();
}

function answerOf({ content, usage }: Anthropic.Message): Answer {
  return {
    text: content.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join(''),
    reasoning: content.flatMap((block) => (block.type === 'thinking' ? [block.thinking] : [])).join(''),
    calls: content.flatMap((block) =>
      block.type === 'tool_use' ? [{ id: block.id, name: block.name, arguments: block.input as Record<string, unknown> }] : [],
    ),
    input: usage.input_tokens + (usage.cache_read_input_tokens ?? 0) + (usage.cache_creation_input_tokens ?? 0),
    output: usage.output_tokens,
  };
}
