import type { CanonicalCall, OutputFormat, Sampling } from '../../core/canonical/call.ts';
import type { CacheMark } from '../../core/canonical/cache.ts';
import type { Feature } from '../../core/canonical/feature.ts';
import type { Message, Role } from '../../core/canonical/message.ts';
import type { AudioPart, FilePart, ImagePart, Part, ToolCallPart, ToolResultPart, VideoPart } from '../../core/canonical/part.ts';
import type { ReasoningRequest } from '../../core/canonical/reasoning.ts';
import type { Tool, ToolChoice } from '../../core/canonical/tool.ts';

/** One thing that a call says. A call means what the list of its facts says, in order. */
export interface Fact {
  readonly feature: Feature;
  readonly value: unknown;
}

/** All that a call says beside model and stream. What a translation keeps is told by comparing these lists. */
export function factsOf(call: CanonicalCall): readonly Fact[] {
  const facts: Fact[] = [];
  tellAll(call, (feature, value) => {
    if (value !== undefined) facts.push({ feature, value: typeof value === 'function' ? (value as () => unknown)() : value });
  });
  return facts;
}

/** The features a call uses: the same walk, without the values. */
export function featuresOf(call: CanonicalCall): ReadonlySet<Feature> {
  const used = new Set<Feature>();
  tellAll(call, (feature, value) => {
    if (value !== undefined) used.add(feature);
  });
  return used;
}

/** Takes one fact; none when the value is absent. A function gives a value that costs something to make. */
type Tell = (feature: Feature, value: unknown) => void;

function tellAll(call: CanonicalCall, tell: Tell): void {
  const { messages } = call;
  const first = messages.findIndex(({ role }) => !isInstruction(role));
  for (const [at, message] of messages.entries())
    if (isInstruction(message.role) && first !== -1 && at > first) tellLater(message, tell);
    else tellMessage(message, tell);
  tellTools(call, tell);
  tellSettings(call, tell);
}

const isInstruction = (role: Role): boolean => role === 'system' || role === 'developer';

/** Behind other messages a system message is one fact, its texts included: it may have to go elsewhere. */
function tellLater({ parts }: Message, tell: Tell): void {
  tell('message.system_later', () => parts.map((part) => ('text' in part ? part.text : '')).join('\n'));
  for (const part of parts) if ('cache' in part) tellMark(part.cache, tell);
}

function tellMessage(message: Message, tell: Tell): void {
  const { role, parts } = message;
  tell('message.developer', role === 'developer' || undefined);
  tell('message.name', 'name' in message ? message.name : undefined);
  if (role === 'assistant' && isMixed(parts)) tell('message.order', () => parts.map(({ type }) => type));
  for (const part of parts) {
    tellPart(part, role, tell);
    if ('cache' in part) tellMark(part.cache, tell);
  }
}

const ranks: Readonly<Record<string, number>> = { reasoning: 0, text: 1, refusal: 1, 'tool-call': 2 };

/** Whether parts stand in another order than reasoning, text, tool calls. */
export function isMixed(parts: readonly Part[]): boolean {
  let before = 0;
  for (const { type } of parts) {
    const rank = ranks[type];
    if (rank === undefined) continue;
    if (rank < before) return true;
    before = rank;
  }
  return false;
}

function tellPart(part: Part, role: Role, tell: Tell): void {
  switch (part.type) {
    case 'text':
      tell('text', { role: isInstruction(role) ? 'system' : role, text: part.text });
      return tell('citations', part.citations);
    case 'reasoning':
      tell('reasoning', part.text);
      return tell('reasoning.seal', part.seal);
    case 'refusal':
      return tell('refusal', part.text);
    case 'tool-call':
      return tellCall(part, tell);
    case 'tool-result':
      return tellResult(part, tell);
    case 'opaque':
      return tell('opaque', { api: part.api, value: part.value });
    default:
      return role === 'assistant' ? tell('assistant.media', part.type) : tellMedia(part, tell);
  }
}

function tellMedia(part: ImagePart | FilePart | AudioPart | VideoPart, tell: Tell): void {
  switch (part.type) {
    case 'image':
      tell(`image.${part.source.kind === 'text' ? 'data' : part.source.kind}`, part.source);
      return tell('image.detail', part.detail);
    case 'file':
      return tellFile(part, tell);
    default:
      return tell(part.type, part.source);
  }
}

function tellFile({ source, name, context, citations }: FilePart, tell: Tell): void {
  if (source.kind === 'text') tell('file.text', { text: source.text, name });
  else {
    tell(`file.${source.kind}`, source);
    tell('file.name', name);
  }
  tell('file.context', context);
  tell('file.citations', citations);
}

function tellCall({ id, name, arguments: text, custom, seal }: ToolCallPart, tell: Tell): void {
  if (custom) tell('tool_call.custom', { id, name, text });
  else tell('tool_call', () => ({ id, name, arguments: parsed(text) }));
  tell('tool_call.seal', seal);
}

/** Arguments mean what their JSON means. */
function parsed(json: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return json;
  }
}

function tellResult({ callId, content, isError, custom }: ToolResultPart, tell: Tell): void {
  tell('tool_result', () => ({ callId, text: content.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n\n') }));
  tell('tool_call.custom', custom);
  tell('tool_result.error', isError || undefined);
  for (const part of content) {
    if (part.type !== 'text') tell('tool_result.media', part.source);
    tellMark(part.cache, tell);
  }
}

function tellMark(mark: CacheMark | undefined, tell: Tell): void {
  if (!mark) return;
  tell('cache.mark', true);
  tell('cache.ttl', mark.ttl);
}

/** Without tools there is nothing to choose. */
function tellTools({ tools, toolChoice, parallelToolCalls }: CanonicalCall, tell: Tell): void {
  if (tools.length === 0) return;
  for (const tool of tools) tellTool(tool, tell);
  tellChoice(toolChoice, tell);
  tell('parallel_tool_calls', parallelToolCalls);
}

function tellTool(tool: Tool, tell: Tell): void {
  if (tool.type === 'server') return tell('tool.server', { api: tool.api, value: tool.value });
  if (tool.type === 'custom') return tell('tool.custom', tool);
  const { name, description, parameters, strict, cache } = tool;
  tell('tools', { name, description, parameters });
  tell('tool.strict', strict || undefined);
  tellMark(cache, tell);
}

function tellChoice(choice: ToolChoice | undefined, tell: Tell): void {
  if (choice?.type === 'tool') tell('tool_choice.tool', choice.name);
  else if (choice?.type === 'allowed') tell('tool_choice.allowed', choice);
  else if (choice?.type !== 'auto') tell('tool_choice', choice?.type); // `auto` is what holds when nothing is said
}

function tellSettings(call: CanonicalCall, tell: Tell): void {
  tellOutput(call.output, tell);
  tell('max_output_tokens', call.maxOutputTokens);
  tell('stop', call.stop);
  tellSampling(call.sampling, tell);
  tell('candidates', call.candidates);
  tell('logprobs', call.logprobs);
  tellReasoning(call.reasoning, tell);
  tell('verbosity', call.verbosity);
  tell('cache.key', call.promptCaching?.key);
  tell('cache.ttl', call.promptCaching?.ttl);
  tell('cache.automatic', call.promptCaching?.automatic);
  tell('service_tier', call.serviceTier);
  tell('metadata', call.metadata);
  tell('end_user', call.endUser);
  tell('state.previous_response', call.state?.previousResponseId);
  tell('state.conversation', call.state?.conversation);
  tell('state.store', call.state?.store || undefined); // not to be kept is what holds anyhow where nothing can be
  tell('modalities', call.modalities);
}

function tellOutput(output: OutputFormat | undefined, tell: Tell): void {
  if (output?.type !== 'schema') return tell('output.json', output && true);
  const { name, description, strict } = output;
  tell('output.schema', output.schema);
  tell('output.strict', { name, description, strict });
}

function tellSampling(sampling: Sampling, tell: Tell): void {
  tell('temperature', sampling.temperature);
  tell('top_p', sampling.topP);
  tell('top_k', sampling.topK);
  tell('frequency_penalty', sampling.frequencyPenalty);
  tell('presence_penalty', sampling.presencePenalty);
  tell('seed', sampling.seed);
  tell('logit_bias', sampling.logitBias);
}

function tellReasoning(reasoning: ReasoningRequest | undefined, tell: Tell): void {
  tell('reasoning.effort', reasoning?.effort);
  tell('reasoning.budget', reasoning?.budgetTokens);
  tell('reasoning.adaptive', reasoning?.adaptive);
  tell('reasoning.summary', reasoning?.summary);
  tell('reasoning.sealed', reasoning?.sealed);
}
