import type { Json, JsonObject } from '../../core/json.ts';
import { readMessages } from '../anthropic/read-messages.ts';
import type { Reading } from '../generation.ts';
import { VendorError } from '../wire/errors.ts';
import { listOf, numberOf, objectOf, textOf } from '../wire/fields.ts';

/** Output where the body gives no limit: as the model has it. */
const defaultMaxTokens = 4096;

/** Converse's body told as one of Anthropic's messages, whose reading knows prompts, marks and tools. @throws {VendorError} for what Converse refuses */
export function readConverse(body: JsonObject, model: string): Reading {
  check(body);
  const inference = objectOf(body['inferenceConfig']);
  const additional = objectOf(body['additionalModelRequestFields']);
  const toolConfig = objectOf(body['toolConfig']);
  const format = objectOf(objectOf(objectOf(body['outputConfig'])['textFormat'])['structure']);
  const schema = textOf(objectOf(format['jsonSchema'])['schema']);
  const reasoning = thinkingOf(additional);
  return readMessages(
    {
      system: blocksOf(body['system']),
      messages: listOf(body['messages']).map((message) => ({
        role: objectOf(message)['role'],
        content: blocksOf(objectOf(message)['content']),
      })),
      max_tokens: numberOf(inference['maxTokens']) ?? defaultMaxTokens,
      tools: marked(listOf(toolConfig['tools']).map(objectOf), toolOf),
      tool_choice: choiceOf(objectOf(toolConfig['toolChoice'])),
      ...reasoning,
      ...(schema !== undefined && {
        output_config: { ...objectOf(reasoning['output_config']), format: { type: 'json_schema', schema: JSON.parse(schema) as Json } },
      }),
    },
    model,
    () => undefined,
  );
}

function check(body: JsonObject): void {
  if (body['model'] !== undefined || body['stream'] !== undefined) throw new VendorError(400, 'Unexpected field type');
  const roles = listOf(body['messages']).map((message) => objectOf(message)['role']);
  if (roles[0] !== 'user') throw new VendorError(400, 'A conversation must start with a user message.');
  if (roles.some((role, at) => role === roles[at + 1]))
    throw new VendorError(400, 'A conversation must alternate between user and assistant roles.');
  const text = JSON.stringify(body['messages']);
  if (/"tool(?:Use|Result)":/.test(text) && listOf(objectOf(body['toolConfig'])['tools']).length === 0)
    throw new VendorError(400, 'The toolConfig field must be defined when using toolUse and toolResult content blocks.');
}

/** A cache point marks what stands before it. */
function marked(blocks: readonly JsonObject[], change: (block: JsonObject) => JsonObject): readonly JsonObject[] {
  const changed: JsonObject[] = [];
  for (const block of blocks) {
    const point = block['cachePoint'];
    const last = changed.at(-1);
    if (point === undefined) changed.push(change(block));
    else if (last)
      changed[changed.length - 1] = {
        ...last,
        cache_control: { type: 'ephemeral', ...(objectOf(point)['ttl'] === '1h' && { ttl: '1h' }) },
      };
  }
  return changed;
}

const blocksOf = (content: Json | undefined): readonly JsonObject[] => marked(listOf(content).map(objectOf), blockOf);

function blockOf(block: JsonObject): JsonObject {
  const use = objectOf(block['toolUse']);
  const result = objectOf(block['toolResult']);
  if (block['toolUse'] !== undefined) return { type: 'tool_use', id: use['toolUseId'], name: use['name'], input: use['input'] };
  if (block['toolResult'] !== undefined)
    return { type: 'tool_result', tool_use_id: result['toolUseId'], content: blocksOf(result['content']) };
  if (block['image'] !== undefined) return { type: 'image', source: block['image'] };
  if (block['document'] !== undefined) return { type: 'document', source: block['document'] };
  const thought = objectOf(objectOf(block['reasoningContent'])['reasoningText']);
  if (block['reasoningContent'] !== undefined)
    return { type: 'thinking', thinking: thought['text'] ?? '', signature: thought['signature'] };
  const text = textOf(block['text']);
  if (text === undefined || !/\S/.test(text)) throw new VendorError(400, 'The text field in the ContentBlock object is blank.');
  return { type: 'text', text };
}

function toolOf(tool: JsonObject): JsonObject {
  const { name, description, inputSchema } = objectOf(tool['toolSpec']);
  return { name, description, input_schema: objectOf(inputSchema)['json'] };
}

function choiceOf(choice: JsonObject): JsonObject {
  if (choice['tool'] !== undefined) return { type: 'tool', name: objectOf(choice['tool'])['name'] };
  return { type: choice['any'] === undefined ? 'auto' : 'any' };
}

/** Claude's and Nova's own settings. */
function thinkingOf(additional: JsonObject): JsonObject {
  const nova = objectOf(additional['reasoningConfig']);
  if (nova['type'] === 'enabled') return { thinking: { type: 'adaptive' }, output_config: { effort: nova['maxReasoningEffort'] } };
  return additional['thinking'] === undefined ? {} : { thinking: additional['thinking'] };
}
