import type { JsonObject } from '../../core/json.ts';
import type { Tool } from './conversation.ts';
import { argumentsObject, merged, sayingOf } from './merged.ts';
import type { ReplayApi } from './replay-api.ts';
import { systemText } from './system-text.ts';

/** Larger than any recorded answer; the API wants a limit. */
const maxOutputTokens = 16_384;

/** Anthropic Messages: tool results are the user's, roles alternate, the prompt is cached only where it is marked. */
export const messages: ReplayApi = {
  api: 'anthropic.messages',
  defaultModel: 'claude-sonnet-4-5',
  path: () => '/v1/messages',
  headers: { 'anthropic-version': '2023-06-01' },
  body: ({ conversation: { tools, effort }, prior }, { model, stream, cache }) => {
    const system = systemText(prior);
    const said = merged(prior.map(saying)).map(({ role, blocks }) => ({ role, content: blocks }));
    return {
      model,
      max_tokens: maxOutputTokens,
      ...(system !== '' && { system: [marked({ type: 'text', text: system }, cache)] }),
      messages: cache ? lastMarked(said) : said,
      ...(tools.length > 0 && { tools: tools.map(toolBody) }),
      ...(effort !== undefined && { thinking: { type: 'adaptive' }, output_config: { effort } }),
      ...(stream && { stream: true }),
    };
  },
};

const saying = sayingOf({
  model: 'assistant',
  // An empty text block is refused.
  text: (content) => (content.trim() === '' ? [] : [{ type: 'text', text: content }]),
  result: ({ toolCallId, content }) => ({ type: 'tool_result', tool_use_id: allowedId(toolCallId), content }),
  call: ({ id, name, arguments: given }) => ({ type: 'tool_use', id: allowedId(id), name, input: argumentsObject(given) }),
});

const allowedId = (id: string): string => id.replaceAll(/[^\w-]/g, '_');

const toolBody = ({ name, description, parameters }: Tool): JsonObject => ({ name, description, input_schema: parameters });

const marked = (block: JsonObject, cache: boolean): JsonObject => (cache ? { ...block, cache_control: { type: 'ephemeral' } } : block);

interface AnthropicMessage {
  readonly role: 'user' | 'assistant';
  readonly content: readonly JsonObject[];
}

/** The mark of each turn stands on its newest block, so that the next turn reads all of this one. */
function lastMarked(said: readonly AnthropicMessage[]): readonly JsonObject[] {
  return said.map(({ role, content }, index) => {
    const isLast = index === said.length - 1;
    return { role, content: isLast ? [...content.slice(0, -1), marked(content.at(-1)!, true)] : content };
  });
}
