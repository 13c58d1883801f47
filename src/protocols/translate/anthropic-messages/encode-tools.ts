import type { CanonicalCall } from '../../../core/canonical/call.ts';
import type { FunctionTool, Tool, ToolChoice } from '../../../core/canonical/tool.ts';
import type { Json, JsonObject } from '../../../core/json.ts';
import { functionOf } from '../custom-tool.ts';
import { madeOnce } from '../known-lists.ts';
import type { EncodeContext } from './encode-message.ts';
import type { Lost, Marks } from './marks.ts';

export interface EncodedTools {
  readonly choice: Json | undefined;
  /** `tools` as JSON text, to be asked for when the marks are settled. */
  readonly text: () => string | undefined;
}

/** `tools` and `tool_choice`. Of the tools, only those that may be chosen. */
export function encodeTools(call: CanonicalCall, context: EncodeContext): EncodedTools {
  const tools = allowed(call, context.lost);
  const { blocks, isBent, text } = tools.some(isMarked) ? blocksOf(tools, context.marks) : madeOnce(tools, blocksOf, () => blocksOf(tools));
  if (isBent) context.lost.set('tools', 'Anthropic wants the type object said in a schema');
  if (blocks === 0) return { choice: undefined, text: () => undefined };
  return { choice: choiceOf(call, context.lost), text };
}

const isMarked = (tool: Tool): boolean => tool.type === 'function' && tool.cache !== undefined;

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

interface Blocks {
  readonly blocks: number;
  /** A schema was changed. */
  readonly isBent: boolean;
  readonly text: () => string;
}

/** Without marks the text is always the same: it is written once. */
function blocksOf(tools: readonly Tool[], marks?: Marks): Blocks {
  const functions = tools.flatMap((tool) => (tool.type === 'server' ? [] : tool.type === 'custom' ? functionOf(tool) : tool)); // servers: refused by the table
  const blocks = functions.map((tool) => {
    const { name, description, parameters, strict, cache } = tool;
    const block = { name, description, input_schema: schemaOf(parameters), strict };
    return marks ? marks.on(block, cache) : block;
  });
  const written = marks ? undefined : JSON.stringify(blocks);
  return { blocks: blocks.length, isBent: functions.some(isUntyped), text: () => written ?? JSON.stringify(blocks) };
}

const isUntyped = ({ parameters }: FunctionTool): boolean => parameters !== undefined && parameters['type'] !== 'object';

const schemaOf = (parameters: JsonObject | undefined): JsonObject =>
  parameters?.['type'] === 'object' ? parameters : { ...parameters, type: 'object' };

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
