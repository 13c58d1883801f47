import type { Json, JsonObject } from '../../core/json.ts';
import type { Reading } from '../generation.ts';
import { blockSegment, jsonSegment, messageOverheadTokens, promptOf, type Prompt, type Segment } from '../prompt/prompt.ts';
import { userText } from '../prompt/user-text.ts';
import { effortTokens, type Ask, type CallableTool, type ToolChoice } from '../reply/ask.ts';
import { VendorError } from '../wire/errors.ts';
import { listOf, numberOf, objectOf, textOf } from '../wire/fields.ts';

/** Prompt order: tools, system instruction, the reply's schema, contents. */
export function readContents(body: JsonObject, model: string): Reading {
  const config = objectOf(body['generationConfig']);
  return { prompt: contentsPrompt(body), cache: {}, ask: askOf(body, model, config) };
}

export function contentsPrompt(body: JsonObject): Prompt {
  const contents = listOf(body['contents']).map(objectOf);
  if (contents.length === 0) throw new VendorError(400, 'contents is not specified');
  const schema = schemaOf(objectOf(body['generationConfig']));
  const system = body['systemInstruction'] ?? body['system_instruction'];
  return promptOf([
    ...listOf(body['tools']).map((tool) => jsonSegment('tool', tool)),
    ...(system === undefined ? [] : contentSegments({ role: 'system', ...objectOf(system) })),
    ...(schema === undefined ? [] : [jsonSegment('schema', schema)]),
    ...contents.flatMap(contentSegments),
  ]);
}

function contentSegments(content: JsonObject): readonly Segment[] {
  const role = textOf(content['role']) ?? 'user';
  return listOf(content['parts']).map((part, at) => blockSegment(role, part, { overhead: at === 0 ? messageOverheadTokens : 0 }));
}

const schemaOf = (config: JsonObject): Json | undefined => config['responseJsonSchema'] ?? config['responseSchema'];

function askOf(body: JsonObject, model: string, config: JsonObject): Ask {
  const contents = listOf(body['contents']).map(objectOf);
  const messages = contents.map((content) => ({ role: content['role'] ?? 'user', content: content['parts'] ?? [] }));
  const schema = schemaOf(config);
  const thinking = objectOf(config['thinkingConfig']);
  return {
    model,
    userText: userText(messages),
    afterToolResult: listOf(contents.at(-1)?.['parts']).some((part) => objectOf(part)['functionResponse'] !== undefined),
    tools: declared(body['tools']),
    toolChoice: choiceOf(objectOf(objectOf(body['toolConfig'])['functionCallingConfig'])),
    parallelTools: true,
    ...(config['responseMimeType'] === 'application/json' || schema !== undefined ? { json: { schema } } : {}),
    reasoningTokens: thoughtTokens(thinking),
    showReasoning: thinking['includeThoughts'] === true,
    maxOutputTokens: numberOf(config['maxOutputTokens']),
    choices: Math.min(Math.max(1, Math.floor(numberOf(config['candidateCount']) ?? 1)), 8),
  };
}

const declared = (tools: Json | undefined): readonly CallableTool[] =>
  listOf(tools)
    .flatMap((tool) => listOf(objectOf(tool)['functionDeclarations']).map(objectOf))
    .map((declaration) => ({
      name: textOf(declaration['name']) ?? 'unnamed',
      parameters: declaration['parametersJsonSchema'] ?? declaration['parameters'],
    }));

function choiceOf({ mode, allowedFunctionNames }: JsonObject): ToolChoice {
  const only = listOf(allowedFunctionNames)[0];
  if (mode === 'ANY') return typeof only === 'string' ? { type: 'named', name: only } : { type: 'required' };
  return { type: mode === 'NONE' ? 'none' : 'auto' };
}

/** `thinkingLevel` words, or a `thinkingBudget`: -1 leaves it to the model, 0 turns it off. */
function thoughtTokens(thinking: JsonObject): number {
  const level = textOf(thinking['thinkingLevel'])?.toLowerCase();
  const budget = numberOf(thinking['thinkingBudget']);
  if (budget === 0) return 0;
  if (level !== undefined) return effortTokens[level] ?? effortTokens['medium']!;
  if (budget === undefined) return thinking['includeThoughts'] === true ? effortTokens['medium']! : 0;
  return budget < 0 ? effortTokens['medium']! : Math.min(budget, effortTokens['high']!);
}
