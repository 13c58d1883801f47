import type { Tool, ToolChoice } from '../../../core/canonical/tool.ts';
import type { JsonObject } from '../../../core/json.ts';
import { compact, Fields } from '../fields.ts';
import { markOf } from './cache-mark.ts';
import { api } from './words.ts';

/** All tools: the client's own, those that Anthropic runs or knows the schema of, and MCP servers, which are tools of Anthropic's too. */
export function toolsOf(body: Fields): readonly Tool[] {
  const tools = body.mapped('tools', toolOf);
  const servers = body.values('mcp_servers')?.map((value): Tool => ({ type: 'server', api, kind: 'mcp_server', value }));
  return servers ? [...tools, ...servers] : tools;
}

function toolOf(tool: Fields): readonly Tool[] {
  const type = tool.text('type') ?? 'custom';
  if (type === 'custom') return [functionOf(tool)];
  const value = tool.whole();
  // Tools that are searched for are all sent at once, so the search itself is not needed.
  if (type.startsWith('tool_search_tool')) {
    tool.leave('type');
    return [];
  }
  return [{ type: 'server', api, kind: type, value }];
}

function functionOf(tool: Fields): Tool {
  tool.any('eager_input_streaming'); // arguments always go out as they come
  return compact({
    type: 'function' as const,
    name: tool.required('name'),
    description: tool.text('description'),
    parameters: parametersOf(tool.json('input_schema')),
    strict: tool.boolean('strict'),
    cache: markOf(tool),
  });
}

/** A bare `{type: "object"}` says nothing of the arguments. */
const parametersOf = (schema: JsonObject | undefined): JsonObject | undefined =>
  schema?.['type'] === 'object' && Object.keys(schema).length === 1 ? undefined : schema;

export function choiceOf(choice: Fields | undefined): ToolChoice | undefined {
  const type = choice?.word('type', ['auto', 'any', 'tool', 'none']);
  if (!choice || !type) return undefined;
  if (type === 'tool') return { type, name: choice.required('name') };
  return { type: type === 'any' ? 'required' : type };
}

export function parallelOf(choice: Fields | undefined): boolean | undefined {
  const disabled = choice?.boolean('disable_parallel_tool_use');
  return disabled === undefined ? undefined : !disabled;
}
