import type { ServerTool, Tool, ToolChoice } from '../../../core/canonical/tool.ts';
import type { Json } from '../../../core/json.ts';
import { field, list } from '../../count.ts';
import { flatName, searchName } from './namespaces.ts';
import { compact, Fields } from '../fields.ts';
import { knownAs, madeOnce } from '../known-lists.ts';
import { customOf, functionOf } from '../openai-fields.ts';

export interface DecodedTools {
  readonly tools: readonly Tool[];
  readonly toolChoice: ToolChoice | undefined;
  /** Tools that were left out, as `tools[web_search]`. */
  readonly unread: readonly string[];
}

/**
 * `tools` and `tool_choice`. Tools of a group, and the client's search among tools that it holds back, are functions here; so are the tools it has found.
 * A tool that OpenAI runs goes on as such, and is refused by the other APIs; but a search in the web beside tools of the client, which agents always
 * send along and the model can do without, is left out and told.
 */
export function decodeTools(body: Fields): DecodedTools {
  const all = allTools(body);
  const toolChoice = choiceOf(body);
  const isForced = toolChoice === undefined && body.any('tool_choice') !== undefined;
  const canLeave = !isForced && all.some(({ type }) => type !== 'server');
  const isLeft = (tool: Tool): tool is ServerTool => canLeave && tool.type === 'server' && dispensable.has(tool.kind);
  const left = all.filter(isLeft);
  return {
    tools: left.length === 0 ? all : all.filter((tool) => !isLeft(tool)),
    toolChoice,
    unread: left.map(({ kind }) => `tools[${kind}]`),
  };
}

function allTools(body: Fields): readonly Tool[] {
  const sent = body.mapped('tools', toolsOf);
  const found = foundTools(body.any('input'));
  if (found.length > 0) return distinct([...sent, ...found]);
  return madeOnce(sent, distinct, () => knownAs(sent, distinct(sent)));
}

const dispensable: ReadonlySet<string> = new Set(['web_search', 'web_search_preview']);

function toolsOf(tool: Fields): readonly Tool[] {
  const kind = tool.required('type');
  if (kind === 'function') return [functionOf(tool)];
  if (kind === 'custom') return [customOf(tool)];
  if (kind === 'tool_search' && tool.text('execution') === 'client') return [searchOf(tool)];
  if (kind === 'namespace') return groupOf(tool);
  return [{ type: 'server', api: 'openai.responses', kind, value: tool.whole() }];
}

const searchOf = (tool: Fields): Tool =>
  compact({
    type: 'function' as const,
    name: searchName,
    description: tool.text('description'),
    parameters: tool.json('parameters'),
    origin: { kind: 'tool_search' as const },
  });

function groupOf(group: Fields): readonly Tool[] {
  const namespace = group.required('name');
  group.any('description'); // of the group: each tool has its own
  return (group.list('tools') ?? []).flatMap((tool) => {
    if (tool.required('type') !== 'function') {
      tool.leave('type');
      return [];
    }
    const { name, ...rest } = functionOf(tool);
    return [{ ...rest, name: flatName(namespace, name), origin: { kind: 'namespace' as const, namespace, name } }];
  });
}

/** Tools that the client's search has found stand in the answers to it. */
function foundTools(input: Json | undefined): readonly Tool[] {
  const outputs = list(input).filter((item) => field(item, 'type') === 'tool_search_output');
  return outputs.flatMap((item) => list(field(item, 'tools')).flatMap((tool) => toolsOf(Fields.of(tool as Json, 'input[].tools[]'))));
}

/** The first of each name. */
function distinct(tools: readonly Tool[]): readonly Tool[] {
  const names = new Set<string>();
  return tools.filter((tool) => tool.type === 'server' || (!names.has(tool.name) && names.add(tool.name)));
}

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
