import type { FunctionTool, ServerTool, Tool, ToolChoice } from '../../../core/canonical/tool.ts';
import { field } from '../../count.ts';
import { compact, Fields } from '../fields.ts';

export interface DecodedTools {
  readonly tools: readonly Tool[];
  readonly toolChoice: ToolChoice | undefined;
  /** Tools that were left out, as `tools[web_search]`. */
  readonly unread: readonly string[];
}

/**
 * `tools` and `tool_choice`. A tool that OpenAI runs goes on as such, and is refused by the other APIs. Those that agents always send along,
 * and that the model can do without, are left out and told: a search beside tools of the client's own, and the client's search among tools it holds back.
 */
export function decodeTools(body: Fields): DecodedTools {
  const all = (body.list('tools') ?? []).map(toolOf);
  const toolChoice = choiceOf(body);
  const isForced = toolChoice === undefined && body.any('tool_choice') !== undefined;
  const canLeave = !isForced && all.some(({ type }) => type !== 'server');
  const isLeft = (tool: Tool): tool is ServerTool => canLeave && tool.type === 'server' && isDispensable(tool);
  return {
    tools: all.filter((tool) => !isLeft(tool)),
    toolChoice,
    unread: all.filter(isLeft).map(({ kind }) => `tools[${kind}]`),
  };
}

function toolOf(tool: Fields): Tool {
  const kind = tool.required('type');
  if (kind === 'function') return functionOf(tool);
  return kind === 'custom' ? customOf(tool) : { type: 'server', api: 'openai.responses', kind, value: tool.whole() };
}

function isDispensable({ kind, value }: ServerTool): boolean {
  if (kind === 'tool_search') return field(value, 'execution') === 'client';
  return kind === 'web_search' || kind === 'web_search_preview';
}

const functionOf = (tool: Fields): FunctionTool =>
  compact({
    type: 'function' as const,
    name: tool.required('name'),
    description: tool.text('description'),
    parameters: tool.json('parameters'),
    strict: tool.boolean('strict'),
  });

const customOf = (tool: Fields): Tool =>
  compact({
    type: 'custom' as const,
    name: tool.required('name'),
    description: tool.text('description'),
    format: tool.json('format'),
  });

function choiceOf(body: Fields): ToolChoice | undefined {
  const choice = body.any('tool_choice');
  if (choice === undefined) return undefined;
  if (choice === 'auto' || choice === 'none' || choice === 'required') return { type: choice };
  const fields = body.object('tool_choice') ?? Fields.of(choice, 'tool_choice');
  const type = fields.required('type');
  if (type === 'function' || type === 'custom') return { type: 'tool', name: fields.required('name') };
  if (type === 'allowed_tools') return allowedOf(fields);
  body.leave('tool_choice'); // one of OpenAI's own tools
  return undefined;
}

const allowedOf = (fields: Fields): ToolChoice => ({
  type: 'allowed',
  mode: fields.word('mode', ['auto', 'required']) ?? 'auto',
  names: (fields.list('tools') ?? []).flatMap((tool) => {
    tool.any('type');
    return tool.text('name') ?? [];
  }),
});
