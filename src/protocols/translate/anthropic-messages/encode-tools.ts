import type { CanonicalCall } from '../../../core/canonical/call.ts';
import type { FunctionTool, Tool, ToolChoice } from '../../../core/canonical/tool.ts';
import type { Json, JsonObject } from '../../../core/json.ts';
import { functionOf } from '../custom-tool.ts';
import type { EncodeContext } from './encode-message.ts';
import type { Lost } from './marks.ts';

/** `tools` and `tool_choice`. Of the tools, only those that may be chosen. */
export function encodeTools(call: CanonicalCall, context: EncodeContext): JsonObject {
  const tools = allowed(call, context.lost).flatMap((tool) => toolOf(tool, context));
  if (tools.length === 0) return {};
  return { tools, tool_choice: choiceOf(call, context.lost) };
}

/** Whether some tool must be called. */
export const forcesTool = ({ tools, toolChoice: choice }: CanonicalCall): boolean =>
  tools.length > 0 &&
  (choice?.type === 'required' || choice?.type === 'tool' || (choice?.type === 'allowed' && choice.mode === 'required'));

function allowed({ tools, toolChoice: choice }: CanonicalCall, lost: Lost): readonly Tool[] {
  if (choice?.type !== 'allowed') return tools;
  const left = tools.filter((tool) => 'name' in tool && choice.names.includes(tool.name));
  if (left.length < tools.length) lost.set('tools', 'only those that may be called are sent');
  return left;
}

function toolOf(tool: Tool, { marks, lost }: EncodeContext): readonly JsonObject[] {
  if (tool.type === 'server') return []; // refused by the table
  const { name, description, parameters, strict, cache } = tool.type === 'custom' ? plain(tool) : tool;
  const block = { name, description, input_schema: schemaOf(parameters, lost), strict };
  return [marks.on(block, cache)];
}

const plain = (tool: Extract<Tool, { type: 'custom' }>): FunctionTool => functionOf(tool);

function schemaOf(parameters: JsonObject | undefined, lost: Lost): JsonObject {
  if (!parameters) return { type: 'object' };
  if (parameters['type'] === 'object') return parameters;
  lost.set('tools', 'Anthropic wants the type object said in a schema');
  return { ...parameters, type: 'object' };
}

function choiceOf({ toolChoice: choice, parallelToolCalls: parallel }: CanonicalCall, lost: Lost): Json | undefined {
  if (choice?.type === 'none') {
    if (parallel !== undefined) lost.set('parallel_tool_calls', 'no tool is called');
    return { type: 'none' };
  }
  if (!choice && parallel === undefined) return undefined;
  return { ...chosen(choice), ...(parallel !== undefined && { disable_parallel_tool_use: !parallel }) };
}

function chosen(choice: ToolChoice | undefined): JsonObject {
  if (choice?.type === 'tool') return { type: 'tool', name: choice.name };
  const mode = choice?.type === 'allowed' ? choice.mode : choice?.type;
  return { type: mode === 'required' ? 'any' : 'auto' };
}
