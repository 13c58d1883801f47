import OpenAI from 'openai';
import { clock, weather } from '../metered.ts';
import { answerSchema, pixel, type Answer, type MatrixClient, type Question } from './conversation.ts';

type Chat = OpenAI.Chat.Completions;

export const openaiChatClient: MatrixClient = {
  name: 'openai (chat)',
  api: 'openai.chat',
  label: /^OpenAI\/JS$/,
  open({ url, model, headers }) {
    const openai = new OpenAI({ apiKey: 'sk-of-the-client', baseURL: `${url}/v1`, maxRetries: 0, defaultHeaders: headers });
    const messages: OpenAI.ChatCompletionMessageParam[] = [];
    return {
      user: (text, image) =>
        void messages.push({
          role: 'user',
          content: image
            ? [
                { type: 'text', text },
                { type: 'image_url', image_url: { url: `data:image/png;base64,${pixel}` } },
              ]
            : text,
        }),
      results: (results) =>
        void messages.push(...results.map(({ use, text }) => ({ role: 'tool' as const, tool_call_id: use.id, content: text }))),
      async ask(question) {
        const body = { model, messages, ...bodyOf(question) };
        const completion = question.stream
          ? await streamed(openai.chat.completions, body, question)
          : await openai.chat.completions.create(body);
        messages.push(completion.choices[0]!.message);
        return answerOf(completion);
      },
    };
  },
};

const bodyOf = ({ tools, schema, reasoning }: Question) => ({
  ...(tools && { tools: [weather, clock].map((tool) => ({ type: 'function' as const, function: tool })) }),
  ...(schema && { response_format: { type: 'json_schema' as const, json_schema: { name: 'answer', schema: answerSchema, strict: true } } }),
  ...(reasoning && { reasoning_effort: 'low' as const }),
});

async function streamed(
  completions: Chat,
  body: OpenAI.ChatCompletionCreateParamsNonStreaming,
  { leave }: Question,
): Promise<OpenAI.ChatCompletion> {
  const stream = completions.stream({ ...body, stream: true, stream_options: { include_usage: true } });
  if (leave) stream.on('content', () => stream.abort());
  return stream.finalChatCompletion();
}

function answerOf({ choices, usage }: OpenAI.ChatCompletion): Answer {
  const { message } = choices[0]!;
  return {
    text: message.content ?? '',
    reasoning: (message as { readonly reasoning_content?: string }).reasoning_content ?? '',
    calls: (message.tool_calls ?? []).flatMap((call) =>
      call.type === 'function'
        ? [{ id: call.id, name: call.function.name, arguments: JSON.parse(call.function.arguments) as object as Record<string, unknown> }]
        : [],
    ),
    input: usage!.prompt_tokens,
    output: usage!.completion_tokens,
  };
}
