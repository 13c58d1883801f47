import type { CanonicalCall, OutputFormat } from '../../../core/canonical/call.ts';
import type { Tool, ToolChoice } from '../../../core/canonical/tool.ts';
import type { Json, JsonObject } from '../../../core/json.ts';
import { functionOf } from '../custom-tool.ts';
import { compact } from '../fields.ts';
import { withToolNames } from '../tool-names.ts';
import { jsonWithTools, toolsText } from '../tools-text.ts';
import type { CallTarget, EncodedCall } from '../translator.ts';
import { encodeContents, withAnswersFirst } from './encode-contents.ts';
import { resolutionOf } from './media.ts';
import { isOwnCache, isOwnTool, labelsOf, maxStops, reportsOf } from './reports.ts';
import { thinkingOf } from './thinking.ts';

/** A body for `:generateContent` or `:streamGenerateContent`. */
export function encodeCall(call: CanonicalCall, { model }: CallTarget): EncodedCall {
  const thinking = thinkingOf(call.reasoning, model);
  const dropped = [...reportsOf(call, model), ...thinking.changed];
  const body = {
    ...encodeContents(withToolNames(withAnswersFirst(call.messages)), model),
    toolConfig: call.tools.length > 0 && call.toolChoice ? { functionCallingConfig: callingOf(call.toolChoice) } : undefined,
    generationConfig: settings(call, thinking.config),
    serviceTier: call.serviceTier === 'auto' ? undefined : call.serviceTier,
    labels: call.metadata && labelsOf(call.metadata),
    cachedContent: isOwnCache(call) ? call.state?.conversation : undefined,
  };
  return { path: pathOf(model, call.stream), headers: [], body: jsonWithTools(body, toolsText(call.tools, toolsOf)), dropped };
}

/** The model's name goes into a URL: `..` and what ends a path must not. A name with a slash names its own collection. */
function pathOf(model: string, stream: boolean): string {
  const name = model.split('/').map(encodeURIComponent).join('/').replaceAll('..', '%2E%2E');
  const method = stream ? 'streamGenerateContent?alt=sse' : 'generateContent';
  return `/v1beta/${name.includes('/') ? '' : 'models/'}${name}:${method}`;
}

function toolsOf(tools: readonly Tool[]): readonly Json[] {
  const functionDeclarations = tools.flatMap(declaration);
  const others = tools.filter(isOwnTool).flatMap((tool) => (tool.type === 'server' ? [tool.value] : []));
  return [...(functionDeclarations.length > 0 ? [{ functionDeclarations }] : []), ...others];
}

function declaration(tool: Tool): readonly Json[] {
  if (tool.type === 'server') return [];
  const { name, description, parameters } = tool.type === 'custom' ? functionOf(tool) : tool;
  return [{ name, description, parametersJsonSchema: parameters }];
}

const modes = { auto: 'AUTO', none: 'NONE', required: 'ANY' } as const;

function callingOf(choice: ToolChoice): JsonObject {
  if (choice.type === 'tool') return { mode: 'ANY', allowedFunctionNames: [choice.name] };
  if (choice.type !== 'allowed') return { mode: modes[choice.type] };
  const mode = choice.mode === 'required' ? 'ANY' : 'VALIDATED'; // AUTO takes no names
  return choice.names.length === 0 ? { mode: modes[choice.mode] } : { mode, allowedFunctionNames: choice.names };
}

function settings(call: CanonicalCall, thinkingConfig: JsonObject | undefined): JsonObject | undefined {
  const { sampling, logprobs } = call;
  const config = compact({
    ...(call.output && formatOf(call.output)),
    maxOutputTokens: call.maxOutputTokens,
    stopSequences: call.stop?.slice(0, maxStops),
    temperature: sampling.temperature,
    topP: sampling.topP,
    topK: sampling.topK,
    frequencyPenalty: sampling.frequencyPenalty,
    presencePenalty: sampling.presencePenalty,
    seed: sampling.seed,
    candidateCount: call.candidates,
    responseLogprobs: logprobs && true,
    logprobs: logprobs?.alternatives || undefined,
    responseModalities: call.modalities?.map((kind) => kind.toUpperCase()),
    mediaResolution: resolutionOf(call.messages.flatMap((message) => (message.role === 'user' ? message.parts : []))),
    thinkingConfig,
  });
  return Object.keys(config).length > 0 ? config : undefined;
}

function formatOf(output: OutputFormat): JsonObject {
  const responseMimeType = 'application/json';
  return output.type === 'json' ? { responseMimeType } : { responseMimeType, responseJsonSchema: output.schema };
}
