import OpenAI from 'openai';
import { clock, weather } from '../metered.ts';
import { answerSchema, pixel, type Answer, type MatrixClient, type Question } from './conversation.ts';

type Responses = OpenAI.Responses;
type Item = OpenAI.Responses.ResponseInputItem;

export const openaiResponsesClient: MatrixClient = {
  name: 'openai (responses)',
  api: 'openai.responses',
  label: /^OpenAI\/JS$/,
  open({ url, model, headers }) {
    const openai = new OpenAI({ apiKey: 'sk-of-the-client', baseURL: `${url}/v1`, maxRetries: 0, defaultHeaders: headers });
    const input: Item[] = [];
    return {
      user: (text, image) =>
        void input.push({
          role: 'user',
          content: [
            { type: 'input_text', text },
            ...(image ? [{ type: 'input_image' as const, detail: 'auto' as const, image_url: `data:image/png;base64,${pixel}` }] : []),
          ],
        }),
      results: (results) =>
        void input.push(...results.map(({ use, text }) => ({ type: 'function_call_output' as const, call_id: use.id, output: text }))),
      async ask(question) {
        const body = { model, input, store: false, ...bodyOf(question) };
        const response = question.stream ? await streamed(openai.responses, body, question) : await openai.responses.create(body);
        input.push(...(response.output as Item[]));
        return answerOf(response);
      },
    };
  },
};

const bodyOf = ({ tools, schema, reasoning }: Question) => ({
  ...(tools && { tools: [weather, clock].map((tool) => ({ type: 'function' as const, ...tool, strict: true })) }),
  ...(schema && { text: { format: { type: 'json_schema' as const, name: 'answer', schema: answerSchema, strict: true } } }),
  ...(reasoning && { reasoning: { effort: 'low' as const, summary: 'auto' as const }, include: ['reasoning.encrypted_content' as const] }),
});

async function streamed(responses: Responses, body: OpenAI.Responses.ResponseCreateParamsNonStreaming, { leave }: Question) {
  const stream = responses.stream({ ...body, stream: true });
  if (leave) stream.on('response.output_text.delta', () => stream.abort());
  return (await stream.finalResponse()) as OpenAI.Responses.Response;
}

function answerOf({ output, output_text, usage }: OpenAI.Responses.Response): Answer {
  return {
    text:
      output_text ??
      output
        .flatMap((item) => (item.type === 'message' ? item.content.map((part) => (part.type === 'output_text' ? part.text : '')) : []))
        .join(''),
    reasoning: output.flatMap((item) => (item.type === 'reasoning' ? item.summary.map(({ text }) => text) : [])).join('\n\n'),
    calls: output.flatMap((item) =>
      item.type === 'function_call'
        ? [{ id: item.call_id, name: item.name, arguments: JSON.parse(item.arguments) as Record<string, unknown> }]
        : [],
    ),
    input: usage!.input_tokens,
    output: usage!.output_tokens,
  };
}
