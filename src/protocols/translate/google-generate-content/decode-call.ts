import type { CanonicalCall, OutputFormat, Sampling } from '../../../core/canonical/call.ts';
import type { SystemMessage } from '../../../core/canonical/message.ts';
import type { FunctionTool, Tool, ToolChoice } from '../../../core/canonical/tool.ts';
import { GatewayError } from '../../../core/errors.ts';
import type { Json, JsonObject } from '../../../core/json.ts';
import { compact } from '../fields.ts';
import { withToolNames } from '../tool-names.ts';
import type { CallGiven, DecodedCall } from '../translator.ts';
import { decodeContents } from './decode-contents.ts';
import { detailOf } from './media.ts';
import { jsonSchemaOf } from './openapi-schema.ts';
import { ProtoFields } from './proto-fields.ts';
import { reasoningOf } from './thinking.ts';

/** A body of `:generateContent` or `:streamGenerateContent`. Model and stream stand in the URL. */
export function decodeCall(json: Json, given: CallGiven): DecodedCall {
  const body = ProtoFields.of(json);
  if (!given.model) throw new GatewayError('invalid_request', 'model is missing: it stands in the path', { param: 'model' });
  const config = body.object('generationConfig');
  const messages = decodeContents(body.list('contents') ?? [], detailOf(config, 'mediaResolution'));
  if (messages.length === 0) throw body.wrong('contents', 'a list with at least one content');
  const call: CanonicalCall = compact({
    model: given.model,
    stream: given.stream ?? false,
    streamUsage: true,
    messages: withToolNames([...systemMessages(body.object('systemInstruction')), ...messages]),
    ...toolsOf(body),
    serviceTier: tierOf(body),
    metadata: body.json('labels') as Readonly<Record<string, string>> | undefined,
    // What is cached explicitly is a part of the prompt that only Google has.
    state: stateOf(body.text('cachedContent')),
    ...settingsOf(config),
  });
  return { call, unread: body.unread() };
}

function systemMessages(instruction: ProtoFields | undefined): readonly SystemMessage[] {
  instruction?.text('role');
  const parts = (instruction?.list('parts') ?? []).flatMap((part) => {
    const text = part.text('text');
    return text ? [{ type: 'text' as const, text }] : [];
  });
  return parts.length === 0 ? [] : [{ role: 'system', parts }];
}

function toolsOf(body: ProtoFields) {
  const calling = body.object('toolConfig')?.object('functionCallingConfig');
  const mode = calling?.word('mode', ['AUTO', 'ANY', 'NONE', 'VALIDATED', 'MODE_UNSPECIFIED']);
  const names = calling?.texts('allowedFunctionNames');
  const tools = (body.list('tools') ?? []).flatMap((tool) => toolOf(tool, mode === 'VALIDATED' && !names));
  return { tools, toolChoice: choiceOf(mode, names) };
}

/** One tool holds any number of functions, and perhaps others that Google runs. */
function toolOf(tool: ProtoFields, strict: boolean): readonly Tool[] {
  const functions = (tool.list('functionDeclarations') ?? []).map((declaration) => functionOf(declaration, strict));
  const others = Object.entries(tool.whole()).filter(([key]) => key !== 'functionDeclarations' && key !== 'function_declarations');
  return [
    ...functions,
    ...others.map(([kind, value]): Tool => ({ type: 'server', api: 'google.generate_content', kind, value: { [kind]: value } })),
  ];
}

function functionOf(declaration: ProtoFields, strict: boolean): FunctionTool {
  const schema = declaration.json('parametersJsonSchema');
  const openapi = declaration.json('parameters');
  return compact({
    type: 'function' as const,
    name: declaration.required('name'),
    description: declaration.text('description'),
    parameters: schema ?? (openapi && jsonSchemaOf(openapi)),
    strict: strict || undefined,
  });
}

function choiceOf(mode: string | undefined, names: readonly string[] | undefined): ToolChoice | undefined {
  if (mode === 'NONE') return { type: 'none' };
  if (mode === 'ANY' && names) {
    return names.length === 1 ? { type: 'tool', name: names[0]! } : { type: 'allowed', mode: 'required', names };
  }
  if (mode === 'ANY') return { type: 'required' };
  if (mode === 'VALIDATED' && names) return { type: 'allowed', mode: 'auto', names };
  return mode === 'AUTO' || mode === 'VALIDATED' ? { type: 'auto' } : undefined;
}

function tierOf(body: ProtoFields): CanonicalCall['serviceTier'] {
  const word = body.text('serviceTier')?.toLowerCase();
  if (word === 'standard' || word === 'flex' || word === 'priority') return word;
  if (word !== undefined && word !== 'unspecified') body.leave('serviceTier');
  return undefined;
}

const stateOf = (cachedContent: string | undefined): CanonicalCall['state'] =>
  cachedContent === undefined ? undefined : { conversation: cachedContent };

function settingsOf(config: ProtoFields | undefined) {
  if (!config) return { sampling: {} };
  const candidates = config.number('candidateCount');
  return {
    output: outputOf(config),
    maxOutputTokens: config.number('maxOutputTokens'),
    stop: config.texts('stopSequences'),
    sampling: samplingOf(config),
    candidates: candidates === 1 ? undefined : candidates,
    logprobs: logprobsOf(config),
    reasoning: reasoningOf(config.object('thinkingConfig')),
    modalities: modalitiesOf(config),
  };
}

function outputOf(config: ProtoFields): OutputFormat | undefined {
  const schema = config.json('responseJsonSchema');
  const openapi = config.json('responseSchema');
  const type = config.text('responseMimeType');
  if (schema ?? openapi) return { type: 'schema', name: 'answer', schema: schema ?? jsonSchemaOf(openapi as JsonObject) };
  if (type === 'application/json') return { type: 'json' };
  if (type !== undefined && type !== 'text/plain') config.leave('responseMimeType');
  return undefined;
}

const samplingOf = (config: ProtoFields): Sampling =>
  compact({
    temperature: config.number('temperature'),
    topP: config.number('topP'),
    topK: config.number('topK'),
    frequencyPenalty: config.number('frequencyPenalty'),
    presencePenalty: config.number('presencePenalty'),
    seed: config.number('seed'),
  });

function logprobsOf(config: ProtoFields): CanonicalCall['logprobs'] {
  const alternatives = config.number('logprobs') ?? 0;
  return config.boolean('responseLogprobs') ? { alternatives } : undefined;
}

const modalities = { TEXT: 'text', IMAGE: 'image', AUDIO: 'audio' } as const;

function modalitiesOf(config: ProtoFields): CanonicalCall['modalities'] {
  const words = (config.texts('responseModalities') ?? []).map((word) => word.toUpperCase());
  const kinds = words.flatMap((word) => (word in modalities ? [modalities[word as keyof typeof modalities]] : []));
  return kinds.some((kind) => kind !== 'text') ? kinds : undefined;
}
