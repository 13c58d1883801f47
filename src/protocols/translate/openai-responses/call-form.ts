import type { OpenedPart } from '../../../core/canonical/reply-event.ts';
import type { FunctionTool, Tool } from '../../../core/canonical/tool.ts';

export type CallPart = Extract<OpenedPart, { readonly type: 'tool-call' }>;

/** As what the client shall get the call of a tool: by what its tool is to the client. */
export interface CallForm {
  readonly kind: 'function_call' | 'custom_tool_call' | 'tool_search_call';
  readonly name: string;
  readonly namespace?: string;
}

export function formOf({ name, custom }: CallPart, tools: readonly Tool[]): CallForm {
  const tool = tools.find((tool) => tool.type !== 'server' && tool.name === name);
  if (custom || tool?.type === 'custom') return { kind: 'custom_tool_call', name };
  const origin = (tool as FunctionTool | undefined)?.origin;
  if (origin?.kind === 'tool_search') return { kind: 'tool_search_call', name };
  return origin ? { kind: 'function_call', name: origin.name, namespace: origin.namespace } : { kind: 'function_call', name };
}
