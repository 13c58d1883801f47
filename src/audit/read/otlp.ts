import type { ApiId } from '../../core/api.ts';
import type { Json, JsonObject } from '../../core/json.ts';
import { openaiDialect } from '../../protocols/dialect.ts';
import { exclusive } from '../../protocols/exclusive.ts';
import type { ReadCall } from '../call.ts';
import { listOf, objectOf, requestFacts, textOf, timeOf, type FileFacts, type LineReader } from './reader.ts';

/** OTLP in JSON, one export a line or a file: spans with `gen_ai.*` attributes, in current and former names, or OpenInference's. */
export function otlpReader(file: FileFacts): LineReader {
  return {
    line: (value, number) =>
      listOf(value['resourceSpans']).flatMap((resource) => {
        const { resource: about, scopeSpans } = objectOf(resource);
        const app = textOf(attributesOf(objectOf(about)['attributes'])['service.name']);
        const spans = listOf(scopeSpans).flatMap((scope) => listOf(objectOf(scope)['spans']));
        return spans.flatMap((span) => callOf(objectOf(span), app, { file, number }));
      }),
    end: () => [],
  };
}

type Attributes = Readonly<Record<string, Json>>;

function attributesOf(list: unknown): Attributes {
  return Object.fromEntries(
    listOf(list).map((each) => {
      const { key, value } = objectOf(each);
      return [textOf(key) ?? '', valueOf(objectOf(value))];
    }),
  );
}

function valueOf(value: JsonObject): Json {
  if (value['arrayValue'] !== undefined) return listOf(objectOf(value['arrayValue'])['values']).map((each) => valueOf(objectOf(each)));
  if (value['kvlistValue'] !== undefined) return attributesOf(objectOf(value['kvlistValue'])['values']);
  return Object.values(value)[0] ?? null;
}

/** First of several names; counts may be text, as JSON has them of 64 bits. */
const first = (attributes: Attributes, ...names: readonly string[]): Json | undefined =>
  names.map((name) => attributes[name]).find((value) => value !== undefined && value !== null);
const countOf = (attributes: Attributes, ...names: readonly string[]): number | undefined => {
  const value = first(attributes, ...names);
  return value === undefined || Number.isNaN(Number(value)) ? undefined : Number(value);
};

const operations = /^(?:chat|text_completion|generate_content|embeddings)$/;

function callOf(
  span: JsonObject,
  app: string | undefined,
  { file, number }: { readonly file: FileFacts; readonly number: number },
): readonly ReadCall[] {
  const attributes = attributesOf(span['attributes']);
  const operation = textOf(first(attributes, 'gen_ai.operation.name'));
  const requestModel = textOf(first(attributes, 'gen_ai.request.model', 'llm.model_name', 'gen_ai.response.model'));
  const usage = usageOf(attributes);
  const isAgent = operation !== undefined && !operations.test(operation); // `invoke_agent` repeats the sums of its calls
  if (isAgent || requestModel === undefined || (usage.prompt === undefined && usage.completion === undefined)) return [];
  const model = textOf(first(attributes, 'gen_ai.response.model')) ?? requestModel;
  const provider = textOf(first(attributes, 'gen_ai.provider.name', 'gen_ai.system', 'llm.provider'));
  const convention = usage.isBeside ? ({ reasoning: 'inside', cache: 'exclusive' } as const) : openaiDialect;
  const tier = textOf(first(attributes, 'openai.response.service_tier', 'gen_ai.openai.response.service_tier'));
  return [
    {
      source: 'otlp',
      where: `${file.name}:${number}#${textOf(span['spanId']) ?? ''}`,
      at: timeOf(span['startTimeUnixNano']),
      calls: 1,
      provider: file.vendorOf(model) ?? vendorNames[provider ?? ''] ?? provider ?? 'unknown',
      requestModel,
      model,
      session: textOf(first(attributes, 'gen_ai.conversation.id', 'session.id')) ?? textOf(span['traceId']),
      app,
      outcome: objectOf(span['status'])['code'] === 2 || objectOf(span['status'])['code'] === 'STATUS_CODE_ERROR' ? 'failed' : 'ok',
      buckets: exclusive(usage, convention, new Set()),
      usageSource: 'provider',
      served: tier === undefined ? {} : { serviceTier: tier },
      ...contentOf(attributes, model),
    },
  ];
}

const vendorNames: Readonly<Record<string, string>> = {
  'gcp.gemini': 'google',
  'gcp.gen_ai': 'google',
  'gcp.vertex_ai': 'google',
  vertex_ai: 'google',
  gemini: 'google',
  'azure.ai.openai': 'azure',
  'az.ai.openai': 'azure',
  'aws.bedrock': 'aws',
  mistral_ai: 'mistral',
  xai: 'x-ai',
};

/** OTel's input holds what was cached; a larger cache count than input comes from a relay of the other convention. */
function usageOf(attributes: Attributes) {
  const prompt = countOf(attributes, 'gen_ai.usage.input_tokens', 'gen_ai.usage.prompt_tokens', 'llm.token_count.prompt');
  const cacheRead = countOf(
    attributes,
    'gen_ai.usage.cache_read.input_tokens',
    'gen_ai.usage.cache_read_input_tokens',
    'gen_ai.usage.input_tokens.cached',
    'llm.token_count.prompt_details.cache_read',
  );
  const cacheWrite = countOf(
    attributes,
    'gen_ai.usage.cache_creation.input_tokens',
    'gen_ai.usage.cache_creation_input_tokens',
    'llm.token_count.prompt_details.cache_write',
  );
  return {
    prompt,
    cacheRead,
    cacheWrite,
    completion: countOf(attributes, 'gen_ai.usage.output_tokens', 'gen_ai.usage.completion_tokens', 'llm.token_count.completion'),
    reasoning: countOf(
      attributes,
      'gen_ai.usage.reasoning.output_tokens',
      'gen_ai.usage.output_tokens.reasoning',
      'llm.token_count.completion_details.reasoning',
    ),
    isBeside: (cacheRead ?? 0) + (cacheWrite ?? 0) > (prompt ?? 0),
  };
}

/** Content that was captured: messages as roles and parts, written as a chat would send them. */
function contentOf(attributes: Attributes, model: string): Pick<ReadCall, 'prompt' | 'settings' | 'reply' | 'isPartial'> {
  const told = jsonOf(first(attributes, 'gen_ai.input.messages', 'gen_ai.prompt'));
  const system = jsonOf(first(attributes, 'gen_ai.system_instructions'));
  const messages = [...(system.length > 0 ? [{ role: 'system', content: textOfParts(system) }] : []), ...told.flatMap(chatMessages)];
  if (told.length === 0) return {};
  const tools = jsonOf(first(attributes, 'gen_ai.tool.definitions'));
  const request = { messages, ...(tools.length > 0 && { tools: tools.map(chatTool) }) } as JsonObject;
  const output = jsonOf(first(attributes, 'gen_ai.output.messages')).flatMap((message) => partsOf(objectOf(message)));
  const reply = {
    text: textOfParts(output),
    tools: output.flatMap(({ type, name }) => (type === 'tool_call' ? (textOf(name) ?? []) : [])),
  };
  const api: ApiId = 'openai.chat';
  const settings = { temperature: first(attributes, 'gen_ai.request.temperature') ?? null, seed: first(attributes, 'gen_ai.request.seed') ?? null }; // prettier-ignore
  return { ...requestFacts(api, model, { ...request, ...settings }), reply, ...(tools.length === 0 && { isPartial: true }) };
}

function jsonOf(value: Json | undefined): readonly Json[] {
  if (Array.isArray(value)) return value as readonly Json[];
  try {
    return listOf(JSON.parse(typeof value === 'string' ? value : '[]'));
  } catch {
    return [];
  }
}

const partsOf = (message: JsonObject): readonly JsonObject[] =>
  typeof message['content'] === 'string' ? [{ type: 'text', content: message['content'] }] : listOf(message['parts']).map(objectOf);
const textOfParts = (parts: readonly Json[]): string =>
  parts.flatMap((part) => textOf(objectOf(part)['content']) ?? textOf(objectOf(part)['text']) ?? []).join('\n');

function chatMessages(value: Json): readonly JsonObject[] {
  const message = objectOf(value);
  const parts = partsOf(message);
  const results = parts.filter(({ type }) => type === 'tool_call_response');
  if (results.length > 0)
    return results.map(({ id, response, result }) => ({ role: 'tool', tool_call_id: id ?? null, content: asText(response ?? result) }));
  const calls = parts.filter(({ type }) => type === 'tool_call');
  return [
    {
      role: message['role'] ?? 'user',
      content: textOfParts(parts),
      ...(calls.length > 0 && {
        tool_calls: calls.map(({ id, name, arguments: given }) => ({
          id: id ?? null,
          type: 'function',
          function: { name: name ?? '', arguments: asText(given) },
        })),
      }),
    },
  ];
}

const asText = (value: Json | undefined): string => (typeof value === 'string' ? value : JSON.stringify(value ?? null));

function chatTool(value: Json): Json {
  const { type: _, ...tool } = objectOf(value);
  return tool['function'] === undefined ? { type: 'function', function: tool } : value;
}
