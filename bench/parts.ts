import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { ApiId } from '../src/core/api.ts';
import { promptParts, type PromptPart } from '../src/core/record.ts';
import { outline } from '../src/core/scan.ts';
import { splitParts } from '../src/text/parts.ts';
import { countTokens } from '../src/text/tokenizer.ts';
import { race } from './race.ts';

export const summary = 'time to split a prompt into its parts, and how far off it is against tokenising all of it';

interface Message {
  readonly role: string;
  readonly content: unknown;
  readonly tool_calls?: unknown;
}

const sentence = 'The scheduler keeps a queue of pending "jobs"; each has an id, a priority and a deadline \u2014 ties go by priority.\n';
const tools = Array.from({ length: 5 }, (_, at) => ({
  name: `tool_${at}`,
  description: sentence,
  input_schema: { type: 'object', properties: { query: { type: 'string' } } },
}));

/** A conversation of that many messages in about that many bytes, in plain strings or in Anthropic's blocks with tool results. */
function conversation(messages: number, bytes: number, inBlocks: boolean): Buffer {
  const text = sentence.repeat(Math.round(bytes / messages / sentence.length));
  const content = (at: number) => {
    if (!inBlocks) return text;
    if (at % 4 === 2) return [{ type: 'tool_result', tool_use_id: `toolu_${at}`, content: text }];
    return at % 4 === 1
      ? [
          { type: 'text', text },
          { type: 'tool_use', id: `toolu_${at}`, name: 'tool_1', input: { query: 'jobs' } },
        ]
      : [{ type: 'text', text }];
  };
  const list = Array.from({ length: messages }, (_, at) => ({ role: at % 2 === 0 ? 'user' : 'assistant', content: content(at) }));
  return Buffer.from(JSON.stringify({ model: 'm', system: sentence.repeat(4), messages: list, tools }));
}

function splitOf(api: ApiId, body: Buffer): () => unknown {
  const received = { body, outline: outline(body) };
  return () => splitParts(api, received, 5000);
}

const shapes = () => ({
  chat20Kb: splitOf('openai.chat', conversation(15, 20_480, false)),
  chat200Kb: splitOf('openai.chat', conversation(100, 204_800, false)),
  blocks20Kb: splitOf('anthropic.messages', conversation(15, 20_480, true)),
  blocks200Kb: splitOf('anthropic.messages', conversation(100, 204_800, true)),
});

/** CPU microseconds of one split, by shape: the median of the rounds, and the least of them, which other work on the machine disturbs least. */
const times = (): Record<string, number> =>
  Object.fromEntries(
    Object.entries(race(shapes())).flatMap(([shape, { median, low }]) => [
      [`${shape}Us`, median],
      [`${shape}LowUs`, low],
    ]),
  );

function tokenised(messages: readonly Message[]): Record<PromptPart, number> {
  const parts = { system: 0, tools: 0, history: 0, retrieved: 0, toolResults: 0, media: 0, user: 0 };
  const turn = messages.findLastIndex(({ role }) => role === 'assistant' || role === 'tool') + 1;
  for (const [at, { role, content, tool_calls: calls }] of messages.entries()) {
    const part = role === 'tool' ? 'toolResults' : role === 'system' ? role : role === 'user' && at >= turn ? 'user' : 'history';
    const text = typeof content === 'string' ? content : content === null || content === undefined ? '' : JSON.stringify(content);
    parts[part] += 4 + countTokens(text) + (calls ? countTokens(JSON.stringify(calls)) : 0);
  }
  return parts;
}

/** Largest error of any part of one prompt, as a share of the prompt. */
function error(messages: readonly Message[]): number {
  const expected = tokenised(messages);
  const total = Object.values(expected).reduce((left, right) => left + right, 0);
  const body = Buffer.from(JSON.stringify({ model: 'm', messages }));
  const found = splitParts('openai.chat', { body, outline: outline(body) }, total);
  return Math.max(...promptParts.map((part) => Math.abs((found[part] ?? 0) - expected[part]) / total));
}

/** Errors over whole agent transcripts, in per cent of the prompt. */
function accuracy(dataDir: string): Record<string, number> {
  const lines = gunzipSync(readFileSync(join(dataDir, 'context/agents/transcripts.jsonl.gz')))
    .toString('utf8')
    .split('\n')
    .filter(Boolean);
  const errors = lines
    .map((line) => error((JSON.parse(line) as { readonly messages: readonly Message[] }).messages))
    .toSorted((a, b) => a - b);
  const mean = errors.reduce((sum, each) => sum + each, 0) / errors.length;
  return { prompts: errors.length, meanErrorPercent: mean * 100, p90ErrorPercent: errors[Math.floor(errors.length * 0.9)]! * 100 };
}

export async function run({ dataDir }: { readonly json: boolean; readonly dataDir: string }): Promise<Record<string, number>> {
  return { ...times(), ...accuracy(dataDir) };
}
