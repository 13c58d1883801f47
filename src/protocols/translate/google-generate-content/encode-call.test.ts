import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CanonicalCall } from '../../../core/canonical/call.ts';
import type { Message } from '../../../core/canonical/message.ts';
import type { Seal } from '../../../core/canonical/part.ts';
import type { Json } from '../../../core/json.ts';
import { googleGenerateContent } from './index.ts';
import { maxStops } from './reports.ts';

const plain: CanonicalCall = {
  model: 'm',
  stream: false,
  streamUsage: false,
  messages: [{ role: 'user', parts: [{ type: 'text', text: 'Hello' }] }],
  tools: [],
  sampling: {},
};
function encoded(call: Partial<CanonicalCall>, model = 'gemini-3-pro') {
  const { body, dropped, path } = googleGenerateContent.encodeCall({ ...plain, ...call }, { model, defaultMaxOutputTokens: 1 });
  return { body: JSON.parse(body.toString()) as Record<string, never>, path, lost: dropped.map(({ what }) => what) };
}
const encodedContents = (messages: readonly Message[], model?: string): unknown => encoded({ messages }, model).body['contents'];

const google = (data: string): Seal => ({ family: 'google', kind: 'signature', data });
const anthropic: Seal = { family: 'anthropic', kind: 'signature', data: 'abc' };
const call = (id: string, name = 'f') => ({ type: 'tool-call' as const, id, name, arguments: '{}' });
const answer = (callId: string, text: string) => ({ type: 'tool-result' as const, callId, content: [{ type: 'text' as const, text }] });

describe('a call to Google', () => {
  const paths: readonly (readonly [string, boolean, string])[] = [
    ['gemini-3-pro', false, '/v1beta/models/gemini-3-pro:generateContent'],
    ['gemini-3-pro', true, '/v1beta/models/gemini-3-pro:streamGenerateContent?alt=sse'],
    ['tunedModels/x', false, '/v1beta/tunedModels/x:generateContent'],
    ['../x?y#', false, '/v1beta/%2E%2E/x%3Fy%23:generateContent'],
  ];
  for (const [model, stream, path] of paths)
    test(`${model}, ${stream ? 'streamed' : 'whole'}, goes to ${path}`, () => assert.equal(encoded({ stream }, model).path, path));

  test('answers of tools stand together behind their calls, whatever stood between', () => {
    const messages: readonly Message[] = [
      { role: 'user', parts: [{ type: 'text', text: 'Go' }] },
      { role: 'assistant', parts: [call('a'), call('b', 'g')] },
      { role: 'system', parts: [{ type: 'text', text: 'Hurry.' }] },
      { role: 'tool', parts: [answer('a', '1')] },
      { role: 'tool', parts: [{ ...answer('b', 'no'), isError: true }] },
    ];
    assert.deepEqual(encodedContents(messages), [
      { role: 'user', parts: [{ text: 'Go' }] },
      {
        role: 'model',
        parts: [
          { functionCall: { id: 'a', name: 'f', args: {} }, thoughtSignature: 'skip_thought_signature_validator' },
          { functionCall: { id: 'b', name: 'g', args: {} } },
        ],
      },
      {
        role: 'user',
        parts: [
          { functionResponse: { id: 'a', name: 'f', response: { output: '1' } } },
          { functionResponse: { id: 'b', name: 'g', response: { error: 'no' } } },
        ],
      },
      { role: 'user', parts: [{ text: '<system>\nHurry.\n</system>' }] },
    ]);
  });

  test('the filler for a missing signature goes to models that want one only', () => {
    const parts = (model: string, seal?: Seal): string =>
      JSON.stringify(encodedContents([{ role: 'assistant', parts: [{ ...call('a'), ...(seal && { seal }) }] }], model));
    assert.ok(!parts('gemini-2.5-pro').includes('thoughtSignature'));
    assert.ok(parts('gemini-4-argon', google('c2ln')).includes('"thoughtSignature":"c2ln"'));
    assert.ok(parts('gemini-4-argon', anthropic).includes('skip_thought_signature_validator'));
    assert.deepEqual(encoded({ messages: [{ role: 'assistant', parts: [{ ...call('a'), seal: anthropic }] }] }).lost, ['tool_call.seal']);
  });

  test('a signature of its own goes to the part before it; a thought only others can read goes', () => {
    const parts = (...all: Extract<Message, { role: 'assistant' }>['parts']) => encoded({ messages: [{ role: 'assistant', parts: all }] });
    const text = { type: 'text', text: 'Hi' } as const;
    const signature = { type: 'reasoning', text: '', seal: google('c2ln') } as const;
    assert.deepEqual(parts(text, signature).body['contents'], [{ role: 'model', parts: [{ text: 'Hi', thoughtSignature: 'c2ln' }] }]);
    assert.deepEqual(parts(signature, text).body['contents'], [
      { role: 'model', parts: [{ text: '', thoughtSignature: 'c2ln' }, { text: 'Hi' }] },
    ]);
    const foreign = parts({ ...signature, seal: anthropic }, text);
    assert.deepEqual(foreign.body['contents'], [{ role: 'model', parts: [{ text: 'Hi' }] }]);
    assert.deepEqual(foreign.lost, ['reasoning.seal', 'reasoning']);
  });

  test('instructions alone are a message of the user, for without one Gemini refuses', () => {
    const { body, lost } = encoded({ messages: [{ role: 'system', parts: [{ type: 'text', text: 'Tell a joke.' }] }] });
    assert.deepEqual(body, { contents: [{ role: 'user', parts: [{ text: 'Tell a joke.' }] }] });
    assert.deepEqual(lost, ['text']);
  });

  type Row = readonly [string, CanonicalCall['reasoning'], Json | undefined, readonly string[]];
  const thinking: readonly Row[] = [
    ['gemini-3-pro', { effort: 'xhigh', summary: 'auto' }, { thinkingLevel: 'XHIGH', includeThoughts: true }, []],
    ['gemini-3-pro', { effort: 'none' }, { thinkingLevel: 'MINIMAL' }, ['reasoning.effort']],
    ['gemini-3-pro', { budgetTokens: 8192 }, { thinkingLevel: 'MEDIUM' }, ['reasoning.budget']],
    ['gemini-3-pro', { budgetTokens: -1 }, undefined, ['reasoning.budget']],
    ['gemini-3-pro', { effort: 'low', budgetTokens: 30_000 }, { thinkingLevel: 'LOW' }, ['reasoning.budget']],
    ['gemini-3-pro', { summary: 'none' }, { includeThoughts: false }, []],
    ['gemini-2.5-flash', { effort: 'high' }, { thinkingBudget: 24_576 }, ['reasoning.effort']],
    ['gemini-2.5-flash', { effort: 'none' }, { thinkingBudget: 0 }, ['reasoning.effort']],
    ['gemini-2.5-flash', { budgetTokens: 24_577 }, { thinkingBudget: 24_576 }, ['reasoning.budget']],
    [
      'gemini-2.5-pro',
      { budgetTokens: 32_768, summary: 'detailed' },
      { thinkingBudget: 32_768, includeThoughts: true },
      ['reasoning.summary'],
    ],
    ['gemini-2.5-pro', { adaptive: true }, { thinkingBudget: -1 }, ['reasoning.adaptive']],
  ];
  for (const [model, reasoning, thinkingConfig, lost] of thinking)
    test(`thinking ${JSON.stringify(reasoning)} of ${model}`, () => {
      const found = encoded({ reasoning: reasoning! }, model);
      assert.deepEqual(found.body['generationConfig'], thinkingConfig && { thinkingConfig });
      assert.deepEqual(found.lost, lost);
    });

  test('a tool that takes free text is a function of one text, and so are its calls', () => {
    const messages: readonly Message[] = [
      { role: 'assistant', parts: [{ ...call('a', 'free'), arguments: 'any {text', custom: true }] },
      { role: 'tool', parts: [{ ...answer('a', 'done'), custom: true }] },
    ];
    const { body, lost } = encoded({ messages, tools: [{ type: 'custom', name: 'free' }] });
    const [{ parts }] = body['contents'] as unknown as [{ parts: [{ functionCall: { args: unknown } }] }];
    assert.deepEqual(parts[0].functionCall.args, { input: 'any {text' });
    assert.ok(JSON.stringify(body['tools']).includes('"input"'));
    assert.deepEqual(lost.toSorted(), ['tool.custom', 'tool_call', 'tool_call.custom']);
  });

  test(`more than ${maxStops} stop sequences are told`, () => {
    const stops = (count: number) => encoded({ stop: Array.from({ length: count }, (_, at) => `s${at}`) });
    assert.deepEqual(stops(maxStops).lost, []);
    assert.deepEqual(stops(maxStops + 1).lost, ['stop']);
    assert.deepEqual(stops(maxStops + 1).body['generationConfig'], stops(maxStops).body['generationConfig']);
  });

  test('labels that Google would refuse are left out', () => {
    const { body, lost } = encoded({ metadata: { team: 'a-1', Team: 'b', note: 'Two words' } });
    assert.deepEqual([body['labels'], lost], [{ team: 'a-1' }, ['metadata']]);
  });

  test('what Google itself keeps or runs goes back to Google, what others keep or run is refused', () => {
    const search = { type: 'server', api: 'google.generate_content', kind: 'googleSearch', value: { googleSearch: {} } } as const;
    const image = (id: string) => ({ role: 'user', parts: [{ type: 'image', source: { kind: 'file', id } }] }) as const;
    const code = {
      type: 'opaque',
      api: 'google.generate_content',
      kind: 'executableCode',
      value: { executableCode: { code: '1' } },
    } as const;
    const own = encoded({
      messages: [image('gs://b/a.png'), { role: 'assistant', parts: [code] }],
      tools: [search],
      state: { conversation: 'cachedContents/c1' },
    });
    assert.deepEqual(own.body, {
      contents: [
        { role: 'user', parts: [{ fileData: { mimeType: 'image/png', fileUri: 'gs://b/a.png' } }] },
        { role: 'model', parts: [code.value] },
      ],
      tools: [{ googleSearch: {} }],
      cachedContent: 'cachedContents/c1',
    });
    assert.deepEqual(own.lost, []);
    const refusals: readonly Partial<CanonicalCall>[] = [
      { messages: [image('file-1')] },
      { messages: [{ role: 'user', parts: [{ type: 'audio', source: { kind: 'file', id: 'file-1' } }] }] },
      { tools: [{ ...search, api: 'openai.responses' }] },
      { state: { conversation: 'conv_1' } },
      { state: { previousResponseId: 'resp_1' } },
    ];
    for (const refusal of refusals) assert.throws(() => encoded(refusal), { code: 'invalid_request' });
  });

  test('pictures from tools stand in the answer, for models up to 2.5 behind it', () => {
    const source = { kind: 'data', mediaType: 'image/png', data: 'AA==' } as const;
    const messages: readonly Message[] = [
      { role: 'tool', parts: [{ ...answer('a', 'See.'), name: 'f', content: [{ type: 'image', source }] }] },
    ];
    const inlineData = { mimeType: 'image/png', data: 'AA==' };
    const response = { id: 'a', name: 'f', response: { output: '' } };
    assert.deepEqual(encodedContents(messages), [
      { role: 'user', parts: [{ functionResponse: { ...response, parts: [{ inlineData }] } }] },
    ]);
    const older = encoded({ messages }, 'gemini-2.5-flash');
    assert.deepEqual(older.body['contents'], [
      { role: 'user', parts: [{ functionResponse: response }, { text: 'From the tool call a:' }, { inlineData }] },
    ]);
    assert.deepEqual(older.lost, ['tool_result.media']);
  });

  test('choices among tools', () => {
    const config = (toolChoice: CanonicalCall['toolChoice']) => {
      const { body, lost } = encoded({ tools: [{ type: 'function', name: 'f' }], toolChoice: toolChoice! });
      return [(body['toolConfig'] as unknown as { functionCallingConfig: unknown }).functionCallingConfig, lost];
    };
    const names = ['f', 'g'];
    assert.deepEqual(config({ type: 'tool', name: 'f' }), [{ mode: 'ANY', allowedFunctionNames: ['f'] }, []]);
    assert.deepEqual(config({ type: 'allowed', mode: 'auto', names }), [{ mode: 'VALIDATED', allowedFunctionNames: names }, []]);
    assert.deepEqual(config({ type: 'allowed', mode: 'required', names }), [{ mode: 'ANY', allowedFunctionNames: names }, []]);
    assert.deepEqual(config({ type: 'allowed', mode: 'required', names: ['f'] })[1], ['tool_choice.allowed']);
    assert.deepEqual(config({ type: 'allowed', mode: 'required', names: [] }), [{ mode: 'ANY' }, ['tool_choice.allowed']]);
  });
});
