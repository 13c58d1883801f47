import type { CanonicalCall, OutputFormat, Sampling } from '../../core/canonical/call.ts';
import type { CacheMark } from '../../core/canonical/cache.ts';
import type { Feature } from '../../core/canonical/feature.ts';
import type { Message } from '../../core/canonical/message.ts';
import type { FilePart, ImagePart, Part, ToolCallPart, ToolResultPart } from '../../core/canonical/part.ts';
import type { ReasoningRequest } from '../../core/canonical/reasoning.ts';
import type { Tool, ToolChoice } from '../../core/canonical/tool.ts';

/** One thing that a call says. A call means what the list of its facts says, in order. */
export interface Fact {
  readonly feature: Feature;
  readonly value: unknown;
}

/** All that a call says beside model and stream. What a translation keeps is told by comparing these lists. */
export function factsOf(call: CanonicalCall): readonly Fact[] {
  return [...messageFacts(call.messages), ...toolFacts(call), ...settingFacts(call)];
}

const fact = (feature: Feature, value: unknown): readonly Fact[] => (value === undefined ? [] : [{ feature, value }]);

function messageFacts(messages: readonly Message[]): readonly Fact[] {
  const first = messages.findIndex((message) => !isSystem(message));
  return messages.flatMap((message, at) =>
    isSystem(message) && first !== -1 && at > first ? laterFacts(message) : factsOfMessage(message),
  );
}

/** Behind other messages a system message is one fact, its texts included: it may have to go elsewhere. */
const laterFacts = (message: Message): readonly Fact[] => [
  ...fact('message.system_later', texts(message)),
  ...message.parts.flatMap((part) => ('cache' in part ? markFacts(part.cache) : [])),
];

function factsOfMessage(message: Message): readonly Fact[] {
  return [
    ...fact('message.developer', message.role === 'developer' ? true : undefined),
    ...fact('message.name', 'name' in message ? message.name : undefined),
    ...fact('message.order', message.role === 'assistant' && isMixed(message.parts) ? message.parts.map(({ type }) => type) : undefined),
    ...message.parts.flatMap((part) => partFacts(part, message.role)),
  ];
}

const isSystem = ({ role }: Message): boolean => isInstruction(role);
const texts = ({ parts }: Message): string => parts.map((part) => ('text' in part ? part.text : '')).join('\n');

const ranks: Readonly<Record<string, number>> = { reasoning: 0, text: 1, refusal: 1, 'tool-call': 2 };

/** Whether parts stand in another order than reasoning, text, tool calls. */
export const isMixed = (parts: readonly Part[]): boolean => {
  const order = parts.flatMap(({ type }) => ranks[type] ?? []);
  return order.some((rank, at) => rank < (order[at - 1] ?? 0));
};

function partFacts(part: Part, role: Message['role']): readonly Fact[] {
  return [...bareFacts(part, role), ...('cache' in part ? markFacts(part.cache) : [])];
}

function bareFacts(part: Part, role: Message['role']): readonly Fact[] {
  switch (part.type) {
    case 'text':
      return [...fact('text', { role: isInstruction(role) ? 'system' : role, text: part.text }), ...fact('citations', part.citations)];
    case 'reasoning':
      return [...fact('reasoning', part.text), ...fact('reasoning.seal', part.seal)];
    case 'refusal':
      return fact('refusal', part.text);
    case 'tool-call':
      return callFacts(part);
    case 'tool-result':
      return resultFacts(part);
    case 'opaque':
      return fact('opaque', { api: part.api, value: part.value });
    default:
      return role === 'assistant' ? fact('assistant.media', part.type) : mediaFacts(part);
  }
}

const isInstruction = (role: Message['role']): boolean => role === 'system' || role === 'developer';

function mediaFacts(part: Exclude<Part, { readonly type: 'text' | 'reasoning' | 'refusal' | 'tool-call' | 'tool-result' | 'opaque' }>) {
  switch (part.type) {
    case 'image':
      return imageFacts(part);
    case 'file':
      return fileFacts(part);
    default:
      return fact(part.type, part.source);
  }
}

function imageFacts({ source, detail }: ImagePart): readonly Fact[] {
  return [...fact(`image.${source.kind === 'text' ? 'data' : source.kind}`, source), ...fact('image.detail', detail)];
}

function fileFacts({ source, name, context, citations }: FilePart): readonly Fact[] {
  return [
    ...(source.kind === 'text'
      ? fact('file.text', { text: source.text, name })
      : [...fact(`file.${source.kind}`, source), ...fact('file.name', name)]),
    ...fact('file.context', context),
    ...fact('file.citations', citations),
  ];
}

function callFacts({ id, name, arguments: text, custom, seal }: ToolCallPart): readonly Fact[] {
  return [
    ...(custom ? fact('tool_call.custom', { id, name, text }) : fact('tool_call', { id, name, arguments: value(text) })),
    ...fact('tool_call.seal', seal),
  ];
}

/** Arguments mean what their JSON means. */
function value(json: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return json;
  }
}

function resultFacts({ callId, content, isError, custom }: ToolResultPart): readonly Fact[] {
  const said = content.flatMap((part) => (part.type === 'text' ? [part.text] : []));
  return [
    ...fact('tool_result', { callId, text: said.join('\n\n') }),
    ...fact('tool_call.custom', custom),
    ...fact('tool_result.error', isError || undefined),
    ...content.flatMap((part) => [...(part.type === 'text' ? [] : fact('tool_result.media', part.source)), ...markFacts(part.cache)]),
  ];
}

const markFacts = (mark: CacheMark | undefined): readonly Fact[] => [...fact('cache.mark', mark && true), ...fact('cache.ttl', mark?.ttl)];

/** Without tools there is nothing to choose. */
function toolFacts({ tools, toolChoice, parallelToolCalls }: CanonicalCall): readonly Fact[] {
  if (tools.length === 0) return [];
  return [...tools.flatMap(toolFact), ...choiceFacts(toolChoice), ...fact('parallel_tool_calls', parallelToolCalls)];
}

function toolFact(tool: Tool): readonly Fact[] {
  if (tool.type === 'server') return fact('tool.server', { api: tool.api, value: tool.value });
  if (tool.type === 'custom') return fact('tool.custom', tool);
  const { name, description, parameters, strict, cache } = tool;
  return [...fact('tools', { name, description, parameters }), ...fact('tool.strict', strict || undefined), ...markFacts(cache)];
}

function choiceFacts(choice: ToolChoice | undefined): readonly Fact[] {
  if (choice?.type === 'tool') return fact('tool_choice.tool', choice.name);
  if (choice?.type === 'allowed') return fact('tool_choice.allowed', choice);
  return choice?.type === 'auto' ? [] : fact('tool_choice', choice?.type); // what holds when nothing is said
}

function settingFacts(call: CanonicalCall): readonly Fact[] {
  return [
    ...outputFacts(call.output),
    ...fact('max_output_tokens', call.maxOutputTokens),
    ...fact('stop', call.stop),
    ...samplingFacts(call.sampling),
    ...fact('candidates', call.candidates),
    ...fact('logprobs', call.logprobs),
    ...reasoningFacts(call.reasoning),
    ...fact('verbosity', call.verbosity),
    ...fact('cache.key', call.promptCaching?.key),
    ...fact('cache.ttl', call.promptCaching?.ttl),
    ...fact('cache.automatic', call.promptCaching?.automatic),
    ...fact('service_tier', call.serviceTier),
    ...fact('metadata', call.metadata),
    ...fact('end_user', call.endUser),
    ...fact('state.previous_response', call.state?.previousResponseId),
    ...fact('state.conversation', call.state?.conversation),
    ...fact('state.store', call.state?.store || undefined), // not to be kept is what holds anyhow where nothing can be
    ...fact('modalities', call.modalities),
  ];
}

function outputFacts(output: OutputFormat | undefined): readonly Fact[] {
  if (output?.type !== 'schema') return fact('output.json', output && true);
  const { name, description, strict } = output;
  return [...fact('output.schema', output.schema), ...fact('output.strict', { name, description, strict })];
}

function samplingFacts(sampling: Sampling): readonly Fact[] {
  return [
    ...fact('temperature', sampling.temperature),
    ...fact('top_p', sampling.topP),
    ...fact('top_k', sampling.topK),
    ...fact('frequency_penalty', sampling.frequencyPenalty),
    ...fact('presence_penalty', sampling.presencePenalty),
    ...fact('seed', sampling.seed),
    ...fact('logit_bias', sampling.logitBias),
  ];
}

const reasoningFacts = (reasoning: ReasoningRequest | undefined): readonly Fact[] => [
  ...fact('reasoning.effort', reasoning?.effort),
  ...fact('reasoning.budget', reasoning?.budgetTokens),
  ...fact('reasoning.adaptive', reasoning?.adaptive),
  ...fact('reasoning.summary', reasoning?.summary),
  ...fact('reasoning.sealed', reasoning?.sealed),
];
