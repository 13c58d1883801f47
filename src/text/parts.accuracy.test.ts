import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { promptParts, type PromptPart } from '../core/record.ts';
import { outline } from '../core/scan.ts';
import { splitParts } from './parts.ts';
import { countTokens } from './tokenizer.ts';

/** No part is off by more than this share of the whole prompt, against the same split with every text tokenised. */
const tolerance = 0.05;

const english = [
  'You help the crew of a small ferry company. Answer in plain words, name the timetable you used, and say so when you are not sure.',
  'Our morning boat from Lindholm was late three days in a row. Passengers for the hospital shift missed their bus. Before I write to the skipper I would like to know whether the tide tables could explain it, or whether we simply planned too little time for loading bicycles.',
  'The tide alone does not explain it: high water on these days fell between 04:10 and 05:35, well before departure. Loading is the likelier cause. In the log the ramp closed 7, 9 and 11 minutes after the planned time, and on each day more than forty bicycles were counted. I would move the first departure forward by ten minutes, or open the ramp earlier.',
  'Thank you, that helps. Please draft the note to the skipper: friendly, short, with the three dates and what we propose, and ask what he thinks of opening the ramp at a quarter to six.',
];
const chinese = [
  '你是一家小型渡轮公司的助手。请用简单的语言回答，说明使用了哪份时刻表，不确定时要直接说明。',
  '我们早上从林霍尔姆出发的船连续三天晚点，去医院上班的乘客没有赶上公共汽车。在给船长写信之前，我想知道潮汐是否能解释这个情况，还是我们给自行车上船留的时间太少了。',
  '仅凭潮汐无法解释：这几天的高潮在四点十分到五点三十五分之间，早于开船时间。更可能的原因是装载。记录显示跳板分别晚了七、九和十一分钟关闭，而且每天都有四十多辆自行车。建议把第一班提前十分钟，或者更早打开跳板。',
  '谢谢，很有帮助。请起草给船长的便条，语气友好，内容简短，写明三个日期和我们的建议。',
];
const source = (file: string) => readFileSync(new URL(file, import.meta.url), 'utf8');
const tools = ['timetable', 'tide_table', 'ramp_log'].map((name) => ({
  type: 'function',
  function: {
    name,
    description: `Looks up the ${name.replace('_', ' ')} of one harbour for one day and returns it as JSON.`,
    parameters: {
      type: 'object',
      properties: { harbour: { type: 'string', description: 'Name of the harbour' }, day: { type: 'string', format: 'date' } },
      required: ['harbour'],
    },
  },
}));
const log = JSON.stringify(
  Array.from({ length: 30 }, (_, at) => ({
    day: `2026-03-${String(at + 1).padStart(2, '0')}`,
    ramp_closed: `06:${10 + (at % 40)}`,
    bicycles: 20 + ((at * 17) % 37),
    delayed: at % 3 === 0,
  })),
);
const call = { id: 'call_8f3a', type: 'function', function: { name: 'ramp_log', arguments: '{"harbour":"Lindholm","day":"2026-03-04"}' } };

interface Message {
  readonly role: 'system' | 'user' | 'assistant' | 'tool';
  readonly content: string;
  readonly tool_calls?: readonly unknown[];
}
interface Conversation {
  readonly messages: readonly Message[];
  readonly tools?: readonly unknown[];
}

const turns = (texts: readonly string[], times: number): readonly Message[] => [
  { role: 'system', content: texts[0]!.repeat(3) },
  ...Array.from({ length: times }, () => [
    { role: 'user', content: texts[1]! } as const,
    { role: 'assistant', content: texts[2]! } as const,
  ]).flat(),
  { role: 'user', content: texts[3]! },
];

const conversations: Readonly<Record<string, Conversation>> = {
  'English, 2 turns': { messages: turns(english, 1) },
  'English, 21 turns, with tools': { messages: turns(english, 20), tools },
  'Chinese, 2 turns': { messages: turns(chinese, 1) },
  'Chinese, 13 turns, with tools': { messages: turns(chinese, 12), tools },
  'code in the question': {
    messages: [
      { role: 'system', content: english[0]! },
      { role: 'user', content: `Review this file.\n\n${source('tokenizer.ts')}` },
      { role: 'assistant', content: english[2]! },
      { role: 'user', content: `And this one?\n\n${source('byte-pairs.ts')}` },
    ],
  },
  'an agent with tool results': {
    messages: [
      { role: 'system', content: english.join(' ') },
      { role: 'user', content: english[1]! },
      { role: 'assistant', content: '', tool_calls: [call] },
      { role: 'tool', content: log },
      { role: 'assistant', content: english[2]!, tool_calls: [call] },
      { role: 'tool', content: source('tally.ts') },
    ],
    tools,
  },
  'Chinese beside English and code': {
    messages: [
      { role: 'system', content: source('shares.ts') },
      { role: 'user', content: chinese.join('\n') },
      { role: 'assistant', content: english.join('\n') },
      { role: 'user', content: chinese.join('\n').repeat(2) },
    ],
    tools,
  },
};

/** The split by parsing and tokenising all of it. */
function tokenised({ messages, tools: offered }: Conversation): Readonly<Record<PromptPart, number>> {
  const parts = { system: 0, tools: 0, history: 0, retrieved: 0, toolResults: 0, media: 0, user: 0 };
  const turn = messages.findLastIndex(({ role }) => role === 'assistant' || role === 'tool') + 1;
  const partOf = ({ role }: Message, at: number) =>
    role === 'tool' ? 'toolResults' : role === 'system' ? role : role === 'user' && at >= turn ? 'user' : 'history';
  for (const [at, message] of messages.entries())
    parts[partOf(message, at)] +=
      4 + countTokens(message.content) + (message.tool_calls ? countTokens(JSON.stringify(message.tool_calls)) : 0);
  if (offered) parts.tools = countTokens(JSON.stringify(offered));
  return parts;
}

/** JSON as Python's `json.dumps` prints it: nothing but ASCII. */
const ascii = (json: string): string =>
  json.replaceAll(/[\u0080-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);

for (const [what, conversation] of Object.entries(conversations))
  for (const [form, print] of [
    ['as it is', (json: string) => json],
    ['in ASCII', ascii],
  ] as const)
    test(`${what}, ${form}: every part within ${tolerance * 100} % of the prompt`, () => {
      const expected = tokenised(conversation);
      const total = Object.values(expected).reduce((left, right) => left + right, 0);
      const body = Buffer.from(print(JSON.stringify({ model: 'm', ...conversation })));
      const found = splitParts('openai.chat', { body, outline: outline(body) }, total);
      for (const part of promptParts) {
        const off = ((found[part] ?? 0) - expected[part]) / total;
        assert.ok(
          Math.abs(off) <= tolerance,
          `${part} off by ${(off * 100).toFixed(1)} %: ${JSON.stringify(found)} for ${JSON.stringify(expected)}`,
        );
      }
    });
