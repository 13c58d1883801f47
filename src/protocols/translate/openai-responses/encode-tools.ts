import type { CanonicalCall } from '../../../core/canonical/call.ts';
import type { Tool, ToolChoice } from '../../../core/canonical/tool.ts';
import type { Json, JsonObject } from '../../../core/json.ts';

/** What is said beside `tools`; nothing where there are none. */
export function choiceFields(call: CanonicalCall): JsonObject {
  if (call.tools.length === 0) return {};
  return {
    tool_choice: call.toolChoice && choiceOf(call.toolChoice, call.tools),
    parallel_tool_calls: call.parallelToolCalls,
  };
}

/** The list of `tools`. */
export const toolsOf = (tools: readonly Tool[]): readonly Json[] => tools.flatMap(toolOf);

function toolOf(tool: Tool): readonly Json[] {
  if (tool.type === 'server') return tool.api === 'openai.responses' ? [tool.value] : [];
  const { type, name, description } = tool;
  if (type === 'custom') return [{ type, name, description, format: tool.format }];
  // Without a word on it OpenAI makes the schema strict here, and all arguments required.
  return [{ type, name, description, parameters: tool.parameters ?? noParameters, strict: tool.strict ?? false }];
}

const noParameters: JsonObject = { type: 'object', properties: {} };

export function choiceOf(choice: ToolChoice, all: readonly Tool[]): Json {
  if (choice.type === 'tool') return named(choice.name, all);
  if (choice.type !== 'allowed') return choice.type;
  return { type: 'allowed_tools', mode: choice.mode, tools: choice.names.map((name) => named(name, all)) };
}

const named = (name: string, all: readonly Tool[]): Json => ({ type: isCustom(name, all) ? 'custom' : 'function', name });

/** Whether a tool of this name takes free text. */
export const isCustom = (name: string, all: readonly Tool[]): boolean => all.some((tool) => tool.type === 'custom' && tool.name === name);
