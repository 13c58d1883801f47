import { countTokens } from '../../text/tokenizer.ts';
import type { Json } from '../../core/json.ts';
import type { Ask, CallableTool } from './ask.ts';
import { minimalValue } from './schema-value.ts';
import type { ScriptedReply } from './script.ts';
import { fillTokens, firstTokens, replyWords } from './words.ts';

export interface PlannedTool {
  readonly name: string;
  /** JSON text. */
  readonly arguments: string;
  /** As recorded; the API makes one when missing. */
  readonly id?: string;
}

/** What one reply says, before any API gives it a shape. */
export interface PlannedReply {
  readonly reasoning: string;
  readonly text: string;
  readonly tools: readonly PlannedTool[];
  readonly finish: 'stop' | 'length' | 'tool_calls';
  readonly reasoningTokens: number;
  /** Visible output: text, tool names and arguments. */
  readonly outputTokens: number;
}

/** Tool names asked for by header, if any. */
export interface PlanOptions {
  readonly seed: number;
  readonly script?: ScriptedReply | undefined;
  readonly toolNames?: readonly string[];
}

export const toolCallsMax = 8;
const shells = new Set(['bash', 'shell', 'exec_command', 'run_shell_command']);

/** Decides a reply from the request alone: the same request and seed give the same reply. */
export function planReply(ask: Ask, options: PlanOptions): PlannedReply {
  if (ask.silent) return limited(ask, '', '', []);
  const reasoning = options.script?.reasoning ?? fillTokens(ask.reasoningTokens, options.seed);
  if (options.script) return limited(ask, reasoning, options.script.content ?? '', options.script.tools);
  const tools = chosenTools(ask, options.toolNames ?? []);
  if (tools.length > 0) return limited(ask, reasoning, '', tools.map(calling));
  const text = ask.json ? jsonText(ask.json.schema) : replyWords(ask, options.seed);
  return limited(ask, reasoning, text, []);
}

const jsonText = (schema: Json | undefined): string => JSON.stringify(schema === undefined ? { emulator: true } : minimalValue(schema));
const calling = (tool: CallableTool): PlannedTool => ({
  name: tool.name,
  arguments: JSON.stringify(minimalValue(tool.parameters ?? { type: 'object' })),
});

function chosenTools(ask: Ask, asked: readonly string[]): readonly CallableTool[] {
  const { toolChoice, tools } = ask;
  if (ask.afterToolResult || toolChoice.type === 'none') return [];
  const most = ask.parallelTools ? toolCallsMax : 1;
  if (toolChoice.type === 'named') return tools.filter((tool) => tool.name === toolChoice.name).slice(0, 1);
  const wanted =
    asked.length > 0 ? tools.filter((tool) => asked.includes(tool.name)) : tools.filter((tool) => mentioned(ask.userText, tool.name));
  if (wanted.length > 0) return wanted.slice(0, most);
  return toolChoice.type === 'required' ? tools.slice(0, 1) : [];
}

/** The user wrote the tool's name as a word; a shell is also meant by "shell command". */
function mentioned(text: string, name: string): boolean {
  const word = name.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  if (new RegExp(`(?<![\\w-])${word}(?![\\w-])`, 'iu').test(text)) return true;
  return shells.has(name.toLowerCase()) && /\bshell command\b/i.test(text);
}

/** Applies the output limit as vendors do: reasoning counts, text is cut, a tool call that does not fit is left out. */
function limited(ask: Ask, reasoning: string, text: string, tools: readonly PlannedTool[]): PlannedReply {
  const limit = ask.maxOutputTokens ?? Infinity;
  const thought = firstTokens(reasoning, limit);
  const shown = firstTokens(text, limit - thought.tokens);
  const kept: PlannedTool[] = [];
  let outputTokens = shown.tokens;
  for (const tool of tools) {
    const tokens = countTokens(tool.name) + countTokens(tool.arguments);
    if (thought.tokens + outputTokens + tokens > limit) break;
    outputTokens += tokens;
    kept.push(tool);
  }
  const whole = thought.text === reasoning && shown.text === text && kept.length === tools.length;
  const finish = !whole ? 'length' : kept.length > 0 ? 'tool_calls' : 'stop';
  return { reasoning: thought.text, text: shown.text, tools: kept, finish, reasoningTokens: thought.tokens, outputTokens };
}
