import type { Members } from '../core/call.ts';
import { repairBlocks, sentJson, type BlockRepair, type Finding } from './blocks.ts';
import type { Conversation } from './memory.ts';
import { blocksOf, type Prompt } from './prompt.ts';
import type { RepairRule } from './rules.ts';
import { areFunctions, repairTools, restriction, toolBreaker, toolList, type ToolRepair } from './tools.ts';

export interface RepairRequest {
  readonly rules: ReadonlySet<RepairRule>;
  /** The client named its session. */
  readonly isSameSession: boolean;
  /** The provider can keep a call to some of its tools. */
  readonly takesAllowedTools: boolean;
  /** Raw JSON of the client's `tool_choice`. */
  readonly toolChoice: string | undefined;
}

export interface Repair {
  /** Top-level JSON that changes; empty: nothing does. */
  readonly members: Members;
  readonly findings: readonly Finding[];
  /** What was sent, to remember. */
  readonly conversation: Conversation;
  /** It does not go on with the conversation it was compared with. */
  readonly isOther: boolean;
  /** Characters of JSON before the first thing that was repaired. */
  readonly sharedChars: number;
  /** Characters of JSON that go out as they did before only because of the repair. */
  readonly sparedChars: number;
  readonly addedChars: number;
}

/** The prompt as it should go out, after what was sent before in the same conversation. Pure. */
export function repairPrompt(before: Conversation | undefined, prompt: Prompt, request: RepairRequest): Repair {
  const tools = toolsFor(before, prompt, request);
  const found = repairBlocks(before?.blocks ?? [], blocksOf(prompt), { api: prompt.api, ...request });
  const findings = [...ownFindings(before, prompt, tools), ...found.findings];
  const sent = found.blocks.map((block) => sentJson(prompt.api, block));
  const members = { ...toolMembers(tools, prompt, request), ...blockMembers(prompt, sent) };
  const { keptBlocks, isOther } = found;
  return {
    members,
    findings,
    isOther,
    conversation: remembered(prompt, tools, found),
    ...effect({ findings, sent, prompt, keptBlocks }),
  };
}

/** A conversation of which everything went out as it came. */
export const asItCame = (prompt: Prompt): Conversation =>
  repairPrompt(undefined, prompt, { rules: new Set(), isSameSession: true, takesAllowedTools: false, toolChoice: undefined }).conversation;

const remembered = ({ model, tools: clientTools }: Prompt, { sent, json, allowed }: ToolRepair, { blocks }: BlockRepair): Conversation => ({
  model,
  clientTools,
  tools: sent,
  toolsOut: { ...(json !== undefined && { json }), ...(allowed && { allowed }) },
  blocks,
});

/** Tools are read only when they are not the bytes of the call before. */
function toolsFor(
  before: Conversation | undefined,
  { api, tools }: Prompt,
  { rules, takesAllowedTools, toolChoice }: RepairRequest,
): ToolRepair {
  if (!before || tools === undefined) return { sent: before?.tools ?? [] };
  const canRestrict = (): boolean =>
    takesAllowedTools && rules.has('tool-set') && restriction(api, toolChoice, []) !== undefined && areFunctions(tools);
  const isAsBefore = before.clientTools === tools && (before.toolsOut.allowed === undefined || canRestrict());
  if (isAsBefore) return { sent: before.tools, ...before.toolsOut };
  const sent = before.tools.length > 0 ? before.tools : (toolList(before.clientTools ?? '[]')?.tools ?? []);
  return repairTools(sent, tools, { rules, canRestrict: canRestrict() });
}

function ownFindings(before: Conversation | undefined, prompt: Prompt, { json, allowed }: ToolRepair): readonly Finding[] {
  if (!before) return [];
  const breaker = toolBreaker(before.clientTools, prompt.tools);
  const isRepaired = breaker === 'tool_set' ? allowed !== undefined : json !== undefined;
  return [
    ...(before.model === prompt.model ? [] : [{ breaker: 'model_changed', block: -1, isRepaired: false } as const]),
    ...(breaker ? [{ breaker, block: -1, isRepaired }] : []),
  ];
}

function toolMembers({ json, allowed }: ToolRepair, { api }: Prompt, { toolChoice }: RepairRequest): Members {
  if (json === undefined) return {};
  const kept = allowed && restriction(api, toolChoice, allowed);
  return { tools: Buffer.from(json), ...(kept && { tool_choice: Buffer.from(kept.tool_choice) }) };
}

function blockMembers({ head, headKey, listKey, items }: Prompt, sent: readonly string[]): Members {
  const list = head === undefined ? sent : sent.slice(1);
  const isSameList = list.every((json, index) => json === items[index]);
  return {
    ...(head !== undefined && sent[0] !== head && { [headKey]: Buffer.from(sent[0]!) }),
    ...(!isSameList && { [listKey]: Buffer.from(`[${list.join()}]`) }),
  };
}

interface Sending extends Pick<BlockRepair, 'findings' | 'keptBlocks'> {
  readonly sent: readonly string[];
  readonly prompt: Prompt;
}

/** Where the first repaired thing would have broken the prefix, and up to where it holds now. */
function effect({ findings, sent, prompt, keptBlocks }: Sending): Pick<Repair, 'sharedChars' | 'sparedChars' | 'addedChars'> {
  const first = findings.findIndex(({ isRepaired }) => isRepaired);
  const length = (blocks: readonly string[]): number => blocks.reduce((sum, json) => sum + json.length, 0);
  const isEarlier = first > 0 && findings.slice(0, first).some(({ breaker }) => breaker !== 'billing_header');
  if (first < 0 || isEarlier) return { sharedChars: 0, sparedChars: 0, addedChars: Math.max(0, length(sent) - length(blocksOf(prompt))) };
  const from = findings[first]!.block;
  const tools = prompt.tools?.length ?? 0;
  return {
    sharedChars: from < 0 ? 0 : tools + length(sent.slice(0, from)),
    sparedChars: (from < 0 ? tools : 0) + length(sent.slice(Math.max(0, from), keptBlocks)),
    addedChars: Math.max(0, length(sent) - length(blocksOf(prompt))),
  };
}
