import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import type { ModelCapabilities } from '../../catalog/capabilities.ts';
import type { ApiId } from '../../core/api.ts';
import { Body } from '../../core/body.ts';
import { Call } from '../../core/call.ts';
import type { OutputLimits } from '../../core/output-limits.ts';
import { callCodecs } from '../../protocols/codecs.ts';
import { effortBudgets, effortOf } from '../../protocols/translate/effort.ts';
import { limitCall } from './limit-call.ts';

type Api = Exclude<ApiId, 'passthrough'>;
const scale = { effortOf, tokensOf: (effort: keyof typeof effortBudgets) => effortBudgets[effort] };

const callOf = (api: Api, body: string): Call =>
  Call.received('test', {
    codec: callCodecs[api],
    body: new Body([Buffer.from(body)]),
    ...(api === 'google.generate_content' && { given: { model: 'g' } }),
  });

/** Body after the limits, what was applied and what omitted; `-`: nothing changed. */
function limited(api: Api, body: string, limits: OutputLimits, abilities: ModelCapabilities = {}): readonly [string, string, string] {
  const done = limitCall(callOf(api, body), limits, abilities, scale);
  return done ? [done.call.body.whole.toString(), done.applied.join(), done.omitted.join()] : ['-', '', ''];
}

type Case = readonly [
  what: string,
  api: Api,
  body: string,
  limits: OutputLimits,
  abilities: ModelCapabilities,
  after: string,
  applied: string,
  omitted: string,
];
const thinker: ModelCapabilities = { efforts: ['low', 'medium', 'high'], effortDefault: 'medium', structuredOutputs: true };
const maybe: ModelCapabilities = { efforts: ['none', 'low', 'medium', 'high'], thinkingOff: true };
const budgeted: ModelCapabilities = { adaptiveThinking: false, thinkingBudget: true };
const cap = { maxOutputTokens: 500 };
const schema = { name: 'answer', schema: { type: 'object' } };

const cases: readonly Case[] = [
  // Length
  [
    'no limit of the client',
    'openai.chat',
    '{ "model":"m" }',
    cap,
    {},
    '{ "model":"m" ,"max_completion_tokens":500}',
    'maxOutputTokens',
    '',
  ],
  ['a larger one', 'openai.chat', '{"max_tokens": 900 , "x": 1.0}', cap, {}, '{"max_tokens": 500 , "x": 1.0}', 'maxOutputTokens', ''],
  [
    'a larger one by the newer name',
    'openai.chat',
    '{"max_completion_tokens":501}',
    cap,
    {},
    '{"max_completion_tokens":500}',
    'maxOutputTokens',
    '',
  ],
  ['the same', 'openai.chat', '{"max_tokens":500}', cap, {}, '-', '', ''],
  ['a smaller one', 'openai.chat', '{"max_tokens":10}', cap, {}, '-', '', ''],
  ['null counts as none', 'openai.responses', '{"max_output_tokens":null}', cap, {}, '{"max_output_tokens":500}', 'maxOutputTokens', ''],
  ['a model that gives less', 'openai.chat', '{"model":"m"}', cap, { maxOutputTokens: 400 }, '-', '', ''],
  [
    'the least that Responses takes',
    'openai.responses',
    '{"a":1}',
    { maxOutputTokens: 3 },
    {},
    '{"a":1,"max_output_tokens":16}',
    'maxOutputTokens',
    '',
  ],
  [
    'Anthropic',
    'anthropic.messages',
    '{"max_tokens":4096,"messages":[]}',
    cap,
    {},
    '{"max_tokens":500,"messages":[]}',
    'maxOutputTokens',
    '',
  ],
  [
    'Google, no settings',
    'google.generate_content',
    '{"contents":[]}',
    cap,
    {},
    '{"contents":[],"generationConfig":{"maxOutputTokens":500}}',
    'maxOutputTokens',
    '',
  ],
  [
    'Google, its other spelling',
    'google.generate_content',
    '{"generation_config":{"topK":1,"max_output_tokens":900}}',
    cap,
    {},
    '{"generation_config":{"topK":1,"max_output_tokens":500}}',
    'maxOutputTokens',
    '',
  ],
  [
    'thinking keeps half of the cap',
    'anthropic.messages',
    '{"max_tokens":9000,"thinking":{"type":"enabled","budget_tokens":8000}}',
    { maxOutputTokens: 4000 },
    budgeted,
    '{"max_tokens":4000,"thinking":{"type":"enabled","budget_tokens":2000}}',
    'maxOutputTokens',
    '',
  ],
  [
    'no room for the least of thinking',
    'anthropic.messages',
    '{"max_tokens":9000,"thinking":{"type":"enabled","budget_tokens":8000}}',
    { maxOutputTokens: 2047 },
    budgeted,
    '{"max_tokens":9000,"thinking":{"type":"enabled","budget_tokens":8000}}',
    '',
    'maxOutputTokens',
  ],
  [
    'room for just the least',
    'anthropic.messages',
    '{"max_tokens":9000,"thinking":{"type":"enabled","budget_tokens":8000}}',
    { maxOutputTokens: 2048 },
    budgeted,
    '{"max_tokens":2048,"thinking":{"type":"enabled","budget_tokens":1024}}',
    'maxOutputTokens',
    '',
  ],
  // Thinking
  [
    'more than wanted',
    'openai.chat',
    '{"reasoning_effort":"high"}',
    { effort: 'low' },
    thinker,
    '{"reasoning_effort":"low"}',
    'effort',
    '',
  ],
  ['less than wanted', 'openai.chat', '{"reasoning_effort":"low"}', { effort: 'high' }, thinker, '-', '', ''],
  [
    'nothing said, more by itself',
    'openai.responses',
    '{"reasoning":{"summary":"auto"}}',
    { effort: 'low' },
    thinker,
    '{"reasoning":{"summary":"auto","effort":"low"}}',
    'effort',
    '',
  ],
  ['nothing said, no more by itself', 'openai.chat', '{"a":1}', { effort: 'medium' }, thinker, '-', '', ''],
  ['the least it takes', 'openai.chat', '{"a":1}', { effort: 'none' }, thinker, '{"a":1,"reasoning_effort":"low"}', 'effort', ''],
  ['may not think by itself: low could be more', 'openai.chat', '{"a":1}', { effort: 'low' }, maybe, '{"a":1}', '', 'effort'],
  [
    'may not think by itself: none is never more',
    'openai.chat',
    '{"a":1}',
    { effort: 'none' },
    maybe,
    '{"a":1,"reasoning_effort":"none"}',
    'effort',
    '',
  ],
  [
    'a model that refuses it',
    'openai.chat',
    '{"a":1}',
    { effort: 'low' },
    { refuses: ['reasoning.effort'], efforts: ['low'] },
    '{"a":1}',
    '',
    'effort',
  ],
  ['a model nobody knows', 'openai.chat', '{"a":1}', { effort: 'low' }, {}, '{"a":1}', '', 'effort'],
  [
    'a number for a model with words',
    'openai.chat',
    '{"reasoning_effort":"high"}',
    { thinkingBudget: 1000 },
    thinker,
    '{"reasoning_effort":"low"}',
    'effort',
    '',
  ],
  [
    'Anthropic by its word',
    'anthropic.messages',
    '{"max_tokens":9}',
    { effort: 'low' },
    thinker,
    '{"max_tokens":9,"output_config":{"effort":"low"}}',
    'effort',
    '',
  ],
  [
    'Anthropic by its number',
    'anthropic.messages',
    '{"thinking":{"type":"enabled","budget_tokens":9000}}',
    { effort: 'low' },
    budgeted,
    '{"thinking":{"type":"enabled","budget_tokens":1024}}',
    'effort',
    '',
  ],
  [
    'Anthropic, less than the least number',
    'anthropic.messages',
    '{"thinking":{"type":"enabled","budget_tokens":9000}}',
    { thinkingBudget: 5 },
    budgeted,
    '{"thinking":{"type":"enabled","budget_tokens":1024}}',
    'effort',
    '',
  ],
  [
    'Anthropic without thinking stays without',
    'anthropic.messages',
    '{"max_tokens":9}',
    { effort: 'low' },
    budgeted,
    '{"max_tokens":9}',
    '',
    'effort',
  ],
  [
    'Gemini by number',
    'google.generate_content',
    '{"contents":[]}',
    { effort: 'low' },
    { thinkingBudget: true },
    '{"contents":[],"generationConfig":{"thinkingConfig":{"thinkingBudget":1024}}}',
    'effort',
    '',
  ],
  [
    'Gemini, a smaller number',
    'google.generate_content',
    '{"generationConfig":{"thinkingConfig":{"thinkingBudget":100}}}',
    { effort: 'low' },
    { thinkingBudget: true },
    '-',
    '',
    '',
  ],
  [
    'Gemini, any number',
    'google.generate_content',
    '{"generationConfig":{"thinkingConfig":{"thinkingBudget":-1}}}',
    { thinkingBudget: 2000 },
    { thinkingBudget: true },
    '{"generationConfig":{"thinkingConfig":{"thinkingBudget":2000}}}',
    'effort',
    '',
  ],
  [
    'Gemini that cannot be still',
    'google.generate_content',
    '{"contents":[]}',
    { effort: 'none' },
    { thinkingBudget: true, thinkingOff: false },
    '{"contents":[]}',
    '',
    'effort',
  ],
  [
    'Gemini by level',
    'google.generate_content',
    '{"generationConfig":{"thinkingConfig":{"thinkingLevel":"HIGH"}}}',
    { effort: 'medium' },
    thinker,
    '{"generationConfig":{"thinkingConfig":{"thinkingLevel":"MEDIUM"}}}',
    'effort',
    '',
  ],
  // Verbosity
  ['verbosity', 'openai.chat', '{"verbosity":"high"}', { verbosity: 'low' }, thinker, '{"verbosity":"low"}', 'verbosity', ''],
  [
    'verbosity beside a format',
    'openai.responses',
    '{"text":{"format":{"type":"text"}}}',
    { verbosity: 'low' },
    thinker,
    '{"text":{"format":{"type":"text"},"verbosity":"low"}}',
    'verbosity',
    '',
  ],
  ['medium by itself', 'openai.chat', '{"a":1}', { verbosity: 'medium' }, thinker, '-', '', ''],
  ['a model that may not know it', 'openai.chat', '{"a":1}', { verbosity: 'low' }, {}, '{"a":1}', '', 'verbosity'],
  ['an API without it', 'anthropic.messages', '{"max_tokens":9}', { verbosity: 'low' }, thinker, '{"max_tokens":9}', '', 'verbosity'],
  // Stop
  ['stop', 'openai.chat', '{"stop":"a"}', { stop: ['b'] }, {}, '{"stop":["a","b"]}', 'stop', ''],
  ['stop that is there', 'anthropic.messages', '{"stop_sequences":["b"]}', { stop: ['b'] }, {}, '-', '', ''],
  ['as many as the API takes', 'openai.chat', '{"stop":["a","b","c"]}', { stop: ['d'] }, {}, '{"stop":["a","b","c","d"]}', 'stop', ''],
  ['more than the API takes', 'openai.chat', '{"stop":["a","b","c","d"]}', { stop: ['e'] }, {}, '{"stop":["a","b","c","d"]}', '', 'stop'],
  ['a model that refuses it', 'openai.chat', '{"a":1}', { stop: ['b'] }, { refuses: ['stop'] }, '{"a":1}', '', 'stop'],
  ['an API without it', 'openai.responses', '{"a":1}', { stop: ['b'] }, {}, '{"a":1}', '', 'stop'],
  [
    'Google',
    'google.generate_content',
    '{"generationConfig":{}}',
    { stop: ['b'] },
    {},
    '{"generationConfig":{"stopSequences":["b"]}}',
    'stop',
    '',
  ],
  // Shape
  [
    'a shape',
    'openai.chat',
    '{"a":1}',
    { schema },
    thinker,
    '{"a":1,"response_format":{"type":"json_schema","json_schema":{"name":"answer","schema":{"type":"object"},"strict":false}}}',
    'schema',
    '',
  ],
  [
    'a shape',
    'openai.responses',
    '{"a":1}',
    { schema },
    thinker,
    '{"a":1,"text":{"format":{"type":"json_schema","name":"answer","schema":{"type":"object"},"strict":false}}}',
    'schema',
    '',
  ],
  [
    'a shape',
    'anthropic.messages',
    '{"a":1}',
    { schema },
    thinker,
    '{"a":1,"output_config":{"format":{"type":"json_schema","schema":{"type":"object"}}}}',
    'schema',
    '',
  ],
  [
    'a shape',
    'google.generate_content',
    '{"a":1}',
    { schema },
    thinker,
    '{"a":1,"generationConfig":{"responseMimeType":"application/json","responseJsonSchema":{"type":"object"}}}',
    'schema',
    '',
  ],
  ["the client's own shape", 'openai.chat', '{"response_format":{"type":"text"}}', { schema }, thinker, '-', '', ''],
  ['tools', 'openai.chat', '{"tools":[{}]}', { schema }, thinker, '-', '', ''],
  ['a model that may not take it', 'openai.chat', '{"a":1}', { schema }, {}, '{"a":1}', '', 'schema'],
  // Instruction
  [
    'an instruction',
    'openai.chat',
    '{"messages":[{"role":"user","content":"hi"}]}',
    { instruction: 'Be "brief".' },
    {},
    '{"messages":[{"role":"user","content":"hi\\n\\nBe \\"brief\\"."}]}',
    'instruction',
    '',
  ],
  ['an instruction', 'openai.responses', '{"input":"hi"}', { instruction: 'Brief.' }, {}, '{"input":"hi\\n\\nBrief."}', 'instruction', ''],
  [
    'an instruction',
    'anthropic.messages',
    '{"messages":[{"role":"user","content":[{"type":"text","text":"hi"}]}]}',
    { instruction: 'Brief.' },
    {},
    '{"messages":[{"role":"user","content":[{"type":"text","text":"hi"},{"type":"text","text":"Brief."}]}]}',
    'instruction',
    '',
  ],
  [
    'an instruction',
    'google.generate_content',
    '{"contents":[{"role":"user","parts":[{"text":"hi"}]}]}',
    { instruction: 'Brief.' },
    {},
    '{"contents":[{"role":"user","parts":[{"text":"hi"},{"text":"Brief."}]}]}',
    'instruction',
    '',
  ],
  [
    'not behind what a tool answered',
    'openai.chat',
    '{"messages":[{"role":"tool","tool_call_id":"1","content":"hi"}]}',
    { instruction: 'Brief.' },
    {},
    '-',
    '',
    '',
  ],
  [
    'not behind what the model began',
    'anthropic.messages',
    '{"messages":[{"role":"assistant","content":"{"}]}',
    { instruction: 'Brief.' },
    {},
    '-',
    '',
    '',
  ],
];

suite('a call within limits', () => {
  for (const [what, api, body, limits, abilities, after, applied, omitted] of cases)
    test(`${api}: ${Object.keys(limits).join()}: ${what}`, () =>
      assert.deepEqual(limited(api, body, limits, abilities), [after, applied, omitted]));

  test('an API without an answer in words is left alone', () => {
    assert.deepEqual(limited('openai.embeddings', '{"model":"m","input":"x"}', cap), ['-', '', '']);
  });

  test('never more than the client asked for, and all other members byte for byte', () => {
    const apis: readonly (readonly [Api, string])[] = [
      ['openai.chat', 'max_completion_tokens'],
      ['openai.responses', 'max_output_tokens'],
      ['anthropic.messages', 'max_tokens'],
    ];
    const tokens = fc.integer({ min: 1, max: 100_000 });
    fc.assert(
      fc.property(fc.constantFrom(...apis), tokens, tokens, fc.json(), ([api, key], asked, ours, rest) => {
        const before = `{"a" : ${rest}, "${key}":${asked} ,"z":1.50}`;
        const [after] = limited(api, before, { maxOutputTokens: ours });
        const sent = after === '-' ? asked : (JSON.parse(after) as Record<string, number>)[key]!;
        assert.ok(sent <= Math.max(asked, 16) && sent <= Math.max(Math.min(asked, ours), 16));
        if (after !== '-') assert.equal(after, `{"a" : ${rest}, "${key}":${sent} ,"z":1.50}`);
      }),
      { numRuns: 500 },
    );
  });
});
