import {
  GoogleGenAI,
  ThinkingLevel,
  type Content,
  type GenerateContentResponse,
  type GenerateContentParameters,
  type Part,
} from '@google/genai';
import { clock, weather } from '../metered.ts';
import { answerSchema, pixel, type Answer, type MatrixClient, type Question } from './conversation.ts';

export const googleClient: MatrixClient = {
  name: '@google/genai',
  api: 'google.generate_content',
  label: /^google-genai-sdk$/,
  open({ url, model, headers }) {
    const google = new GoogleGenAI({ apiKey: 'key-of-the-client', httpOptions: { baseUrl: url, headers: { ...headers } } });
    const contents: Content[] = [];
    return {
      user: (text, image) =>
        void contents.push({ role: 'user', parts: [{ text }, ...(image ? [{ inlineData: { mimeType: 'image/png', data: pixel } }] : [])] }),
      results: (results) =>
        void contents.push({
          role: 'user',
          parts: results.map(({ use: { id, name }, text }) => ({
            functionResponse: { ...(id && { id }), name, response: { output: text } },
          })),
        }),
      async ask(question) {
        const leaving = new AbortController();
        const request = { model, contents, config: { ...configOf(question), abortSignal: leaving.signal } };
        const replies = question.stream
          ? await streamed(google, request, question, leaving)
          : [await google.models.generateContent(request)];
        const parts = replies.flatMap(({ candidates }) => candidates?.[0]?.content?.parts ?? []);
        contents.push({ role: 'model', parts });
        return answerOf(parts, replies.at(-1)!);
      },
    };
  },
};

const configOf = ({ tools, schema, reasoning }: Question) => ({
  ...(tools && {
    tools: [{ functionDeclarations: [weather, clock].map(({ parameters, ...tool }) => ({ ...tool, parametersJsonSchema: parameters })) }],
  }),
  ...(schema && { responseMimeType: 'application/json', responseJsonSchema: answerSchema }),
  ...(reasoning && { thinkingConfig: { includeThoughts: true, thinkingLevel: ThinkingLevel.LOW } }),
});

async function streamed(google: GoogleGenAI, request: GenerateContentParameters, { leave }: Question, leaving: AbortController) {
  const replies: GenerateContentResponse[] = [];
  for await (const reply of await google.models.generateContentStream(request)) {
    replies.push(reply);
    if (leave) leaving.abort();
  }
  if (leave) leaving.signal.throwIfAborted();
  return replies;
}

function answerOf(parts: readonly Part[], { usageMetadata }: GenerateContentResponse): Answer {
  const texts = (isThought: boolean): string =>
    parts.flatMap(({ text, thought }) => (text && (thought ?? false) === isThought ? [text] : [])).join('');
  return {
    text: texts(false),
    reasoning: texts(true),
    calls: parts.flatMap(({ functionCall }) =>
      functionCall
        ? [{ id: functionCall.id ?? '', name: functionCall.name!, arguments: functionCall.args as Record<string, unknown> }]
        : [],
    ),
    input: usageMetadata!.promptTokenCount! + (usageMetadata!.toolUsePromptTokenCount ?? 0),
    output: (usageMetadata!.candidatesTokenCount ?? 0) + (usageMetadata!.thoughtsTokenCount ?? 0),
  };
}
