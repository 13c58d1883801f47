import type { JsonObject } from '../../core/json.ts';
import type { Tool } from './conversation.ts';
import { argumentsObject, merged, sayingOf } from './merged.ts';
import type { ReplayApi } from './replay-api.ts';
import { systemText } from './system-text.ts';

/** Google generateContent: calls and their results are parts, a result is an object, roles alternate. */
export const generate: ReplayApi = {
  api: 'google.generate_content',
  defaultModel: 'gemini-2.5-flash',
  path: ({ model, stream }) =>
    `/v1beta/models/${encodeURIComponent(model)}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
  body: ({ conversation: { tools, effort }, prior }) => {
    const system = systemText(prior);
    return {
      ...(system !== '' && { systemInstruction: { parts: [{ text: system }] } }),
      contents: merged(prior.map(saying)).map(({ role, blocks }) => ({ role, parts: blocks })),
      ...(tools.length > 0 && { tools: [{ functionDeclarations: tools.map(toolBody) }] }),
      ...(effort !== undefined && { generationConfig: { thinkingConfig: { thinkingBudget: -1 } } }),
    };
  },
};

const saying = sayingOf({
  model: 'model',
  text: (content) => (content === '' ? [] : [{ text: content }]),
  result: ({ name, content }) => ({ functionResponse: { name, response: { result: content } } }),
  call: ({ name, arguments: given }) => ({ functionCall: { name, args: argumentsObject(given) } }),
});

const toolBody = ({ name, description, parameters }: Tool): JsonObject => ({ name, description, parametersJsonSchema: parameters });
