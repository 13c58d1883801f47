import type { CanonicalCall } from '../../../core/canonical/call.ts';
import type { FunctionTool, Tool, ToolChoice } from '../../../core/canonical/tool.ts';
import type { Json, JsonObject } from '../../../core/json.ts';
import { functionOf } from '../custom-tool.ts';
import { cachePoint } from './encode-message.ts';
import type { Lost } from './encode-call.ts';

/** `toolConfig`. Converse wants it wherever the conversation holds calls of tools, and has no word for `none`. */
export function encodeTools(call: CanonicalCall, lost: Lost): { readonly toolConfig?: JsonObject } {
  const called = namesCalled(call);
  const tools = chosen(call, called.length > 0, lost);
  if (tools.length > 0) return { toolConfig: { tools: tools.flatMap((tool) => toolOf(tool, lost)), toolChoice: choiceOf(call, lost) } };
  if (called.length === 0) return {};
  lost.set('tools', 'Bedrock wants tools where earlier ones were called, their names are sent');
  return { toolConfig: { tools: called.map((name) => ({ toolSpec: { name, inputSchema: { json: { type: 'object' } } } })) } };
}

/** Names of tools that the conversation has called. */
const namesCalled = ({ messages }: CanonicalCall): readonly string[] => [
  ...new Set(messages.flatMap(({ parts }) => parts.flatMap((part) => (part.type === 'tool-call' ? [part.name] : [])))),
];

function chosen({ tools, toolChoice: choice }: CanonicalCall, wereCalled: boolean, lost: Lost): readonly FunctionTool[] {
  const functions = tools.flatMap((tool) => functionTool(tool));
  if (choice?.type === 'none') {
    if (wereCalled) lost.set('tool_choice', 'Bedrock cannot be told to call none where earlier ones were called');
    else if (functions.length > 0) lost.set('tools', 'none may be called, so none are sent');
    return wereCalled ? functions : [];
  }
  if (choice?.type !== 'allowed') return functions;
  return functions.filter(({ name }) => choice.names.includes(name));
}

function functionTool(tool: Tool): readonly FunctionTool[] {
  if (tool.type === 'server') return []; // refused by the table
  return [tool.type === 'custom' ? functionOf(tool) : tool];
}

function toolOf({ name, description, parameters, cache }: FunctionTool, lost: Lost): readonly JsonObject[] {
  const told = description === undefined || /\S/.test(description) ? description : undefined;
  const json = parameters?.['type'] === 'object' ? parameters : { ...parameters, type: 'object' };
  if (parameters && json !== parameters) lost.set('tools', 'Bedrock wants the type object said in a schema');
  return [{ toolSpec: { name, description: told, inputSchema: { json } } }, ...cachePoint(cache, lost)];
}

function choiceOf({ toolChoice: choice }: CanonicalCall, lost: Lost): Json | undefined {
  if (!choice || choice.type === 'none') return undefined;
  if (choice.type === 'tool') return { tool: { name: choice.name } };
  return isForced(choice) ? { any: {} } : auto(choice, lost);
}

const isForced = (choice: ToolChoice): boolean => choice.type === 'required' || (choice.type === 'allowed' && choice.mode === 'required');

function auto(choice: ToolChoice, lost: Lost): Json {
  if (choice.type === 'allowed') lost.set('tools', 'only those that may be called are sent');
  return { auto: {} };
}
