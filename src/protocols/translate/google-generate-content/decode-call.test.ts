import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CanonicalCall } from '../../../core/canonical/call.ts';
import type { Message } from '../../../core/canonical/message.ts';
import type { Seal } from '../../../core/canonical/part.ts';
import type { Json, JsonObject } from '../../../core/json.ts';
import { googleGenerateContent } from './index.ts';
import { maxSchemaDepth } from './openapi-schema.ts';

const hello = [{ role: 'user', parts: [{ text: 'Hello' }] }];
const decoded = (body: JsonObject) =>
  googleGenerateContent.decodeCall({ contents: hello, ...body }, { model: 'gemini-3-pro', stream: true });
const contents = (...all: readonly Json[]): readonly Message[] => decoded({ contents: all }).call.messages;

const google = (data: string): Seal => ({ family: 'google', kind: 'signature', data });
const anthropic: Seal = { family: 'anthropic', kind: 'signature', data: 'abc' };

describe('a call of a Google client', () => {
  test('model and stream stand in the URL; without a model there is no call', () => {
    assert.deepEqual([decoded({}).call.model, decoded({}).call.stream], ['gemini-3-pro', true]);
    assert.throws(() => googleGenerateContent.decodeCall({ contents: hello }, {}), { code: 'invalid_request' });
    assert.throws(() => googleGenerateContent.decodeCall({}, { model: 'm' }), { code: 'invalid_request', message: /contents/ });
  });

  test('settings', () => {
    const { call: found, unread } = decoded({
      systemInstruction: { role: 'user', parts: [{ text: 'Be brief.' }] },
      tools: [{ functionDeclarations: [{ name: 'f', description: 'F', parametersJsonSchema: { type: 'object' } }], googleSearch: {} }],
      toolConfig: { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['f'] } },
      generationConfig: {
        responseMimeType: 'application/json',
        responseJsonSchema: { type: 'array' },
        thinkingConfig: { thinkingLevel: 'HIGH', includeThoughts: true },
        stopSequences: ['END'],
        candidateCount: 2,
        seed: 7,
        responseLogprobs: true,
        logprobs: 3,
        temperature: 1,
        topP: 0.95,
        topK: 64,
        presencePenalty: 0.1,
        frequencyPenalty: 0.2,
        maxOutputTokens: 100,
        responseModalities: ['TEXT', 'IMAGE'],
      },
      serviceTier: 'flex',
      labels: { team: 'a' },
      cachedContent: 'cachedContents/c1',
    });
    assert.deepEqual(unread, []);
    assert.deepEqual(found, {
      model: 'gemini-3-pro',
      stream: true,
      streamUsage: true,
      messages: [
        { role: 'system', parts: [{ type: 'text', text: 'Be brief.' }] },
        { role: 'user', parts: [{ type: 'text', text: 'Hello' }] },
      ],
      tools: [
        { type: 'function', name: 'f', description: 'F', parameters: { type: 'object' } },
        { type: 'server', api: 'google.generate_content', kind: 'googleSearch', value: { googleSearch: {} } },
      ],
      toolChoice: { type: 'tool', name: 'f' },
      output: { type: 'schema', name: 'answer', schema: { type: 'array' } },
      maxOutputTokens: 100,
      stop: ['END'],
      sampling: { temperature: 1, topP: 0.95, topK: 64, presencePenalty: 0.1, frequencyPenalty: 0.2, seed: 7 },
      candidates: 2,
      logprobs: { alternatives: 3 },
      reasoning: { effort: 'high', summary: 'auto' },
      serviceTier: 'flex',
      metadata: { team: 'a' },
      state: { conversation: 'cachedContents/c1' },
      modalities: ['text', 'image'],
    });
  });

  test('what only Google knows is told as unread', () => {
    const { unread } = decoded({
      safetySettings: [{ category: 'HARM_CATEGORY_HARASSMENT', threshold: 'BLOCK_NONE' }],
      toolConfig: { retrievalConfig: {} },
      generationConfig: { speechConfig: {}, responseMimeType: 'text/x.enum', thinkingConfig: { thinkingLevel: 'EXTREME' } },
      serviceTier: 'gold',
      contents: [{ role: 'user', parts: [{ text: 'a', videoMetadata: { fps: 1 } }] }],
    });
    assert.deepEqual(unread.toSorted(), [
      'contents[].parts[].videoMetadata',
      'generationConfig.responseMimeType',
      'generationConfig.speechConfig',
      'generationConfig.thinkingConfig.thinkingLevel',
      'safetySettings',
      'serviceTier',
      'toolConfig.retrievalConfig',
    ]);
  });

  test('keys may be written with underscores', () => {
    const { call: found, unread } = decoded({
      contents: [{ role: 'user', parts: [{ inline_data: { mime_type: 'image/png', data: 'AA==' } }] }],
      system_instruction: { parts: [{ text: 'S' }] },
      tools: [{ function_declarations: [{ name: 'f' }] }],
      generation_config: { max_output_tokens: 5, thinking_config: { thinking_budget: -1 } },
    });
    assert.deepEqual(unread, []);
    assert.deepEqual(found.messages, [
      { role: 'system', parts: [{ type: 'text', text: 'S' }] },
      { role: 'user', parts: [{ type: 'image', source: { kind: 'data', mediaType: 'image/png', data: 'AA==' } }] },
    ]);
    assert.deepEqual([found.tools, found.maxOutputTokens, found.reasoning], [[{ type: 'function', name: 'f' }], 5, { budgetTokens: -1 }]);
  });

  const modes: readonly (readonly [JsonObject, CanonicalCall['toolChoice']])[] = [
    [{ mode: 'AUTO' }, { type: 'auto' }],
    [{ mode: 'NONE' }, { type: 'none' }],
    [{ mode: 'ANY' }, { type: 'required' }],
    [
      { mode: 'ANY', allowedFunctionNames: ['f', 'g'] },
      { type: 'allowed', mode: 'required', names: ['f', 'g'] },
    ],
    [{ mode: 'VALIDATED' }, { type: 'auto' }],
    [
      { mode: 'VALIDATED', allowedFunctionNames: ['f'] },
      { type: 'allowed', mode: 'auto', names: ['f'] },
    ],
    [{ mode: 'MODE_UNSPECIFIED' }, undefined],
  ];
  for (const [functionCallingConfig, expected] of modes)
    test(`tool choice ${JSON.stringify(functionCallingConfig)}`, () => {
      const { call: found } = decoded({ tools: [{ functionDeclarations: [{ name: 'f' }] }], toolConfig: { functionCallingConfig } });
      assert.deepEqual(found.toolChoice, expected);
      const strict = functionCallingConfig['mode'] === 'VALIDATED' && !functionCallingConfig['allowedFunctionNames'];
      assert.deepEqual(found.tools, [{ type: 'function', name: 'f', ...(strict && { strict }) }]);
    });

  const sources: readonly (readonly [JsonObject, JsonObject])[] = [
    [{ inlineData: { mimeType: 'application/pdf', data: 'AA==', displayName: 'a.pdf' } }, { type: 'file', name: 'a.pdf' }],
    [{ inlineData: { mimeType: 'audio/wav', data: 'AA==' } }, { type: 'audio' }],
    [{ inlineData: { mimeType: 'video/mp4', data: 'AA==' } }, { type: 'video' }],
    [{ fileData: { fileUri: 'https://a.test/b.jpg?c=1' } }, { type: 'image', source: { kind: 'url', url: 'https://a.test/b.jpg?c=1' } }],
    [{ fileData: { fileUri: 'https://youtu.be/x' } }, { type: 'video', source: { kind: 'url', url: 'https://youtu.be/x' } }],
    [
      { fileData: { fileUri: 'gs://bucket/a', mimeType: 'image/png' }, mediaResolution: { level: 'MEDIA_RESOLUTION_LOW' } },
      { type: 'image', source: { kind: 'file', id: 'gs://bucket/a' }, detail: 'low' },
    ],
  ];
  for (const [part, expected] of sources)
    test(`media ${JSON.stringify(part)}`, () => {
      const [message] = contents({ role: 'user', parts: [part] });
      assert.deepEqual({ ...message!.parts[0], ...expected }, message!.parts[0]);
    });

  test('one resolution for all media is that of every image', () => {
    const parts = [{ inlineData: { mimeType: 'image/png', data: 'AA==' } }];
    const { call: found } = decoded({ contents: [{ parts }], generationConfig: { mediaResolution: 'MEDIA_RESOLUTION_HIGH' } });
    assert.equal((found.messages[0]!.parts[0] as { detail?: string }).detail, 'high');
  });

  test('ids that are left out are counted; an answer without one belongs to the first open call of its name', () => {
    const functionCall = (name: string, id?: string) => ({ functionCall: { name, ...(id && { id }) } });
    const response = (name: string, output: string, id?: string) => ({
      functionResponse: { name, response: { output }, ...(id && { id }) },
    });
    const messages = contents(
      { role: 'user', parts: [{ text: 'Go' }] },
      { role: 'model', parts: [functionCall('f'), functionCall('g', 'mine'), functionCall('f')] },
      { role: 'user', parts: [response('f', '1'), response('f', '3'), response('g', '2', 'mine'), { text: 'And?' }] },
    );
    const [, asked, answered, more] = messages;
    assert.deepEqual(
      asked!.parts.map((part) => 'id' in part && part.id),
      ['call_0', 'mine', 'call_2'],
    );
    assert.deepEqual(
      answered!.parts.map((part) => 'callId' in part && [part.callId, part.name]),
      [
        ['call_0', 'f'],
        ['call_2', 'f'],
        ['mine', 'g'],
      ],
    );
    assert.deepEqual(more, { role: 'user', parts: [{ type: 'text', text: 'And?' }] });
  });

  const responses: readonly (readonly [JsonObject, string, true?])[] = [
    [{ output: 'yes' }, 'yes'],
    [{ output: { degrees: 21 } }, '{"degrees":21}'],
    [{ error: 'broken' }, 'broken', true],
    [{ error: 'broken', code: 3 }, '{"error":"broken","code":3}'],
    [{ degrees: 21 }, '{"degrees":21}'],
    [{}, '{}'],
  ];
  for (const [response, text, isError] of responses)
    test(`tool answer ${JSON.stringify(response)}`, () => {
      const [message] = contents({ role: 'user', parts: [{ functionResponse: { name: 'f', id: 'c', response } }] });
      const content = [{ type: 'text', text }];
      assert.deepEqual(message!.parts, [{ type: 'tool-result', callId: 'c', name: 'f', content, ...(isError && { isError }) }]);
    });

  test('a tool answers with a picture', () => {
    const parts = [{ inlineData: { mimeType: 'image/png', data: 'AA==' } }];
    const [message] = contents({ parts: [{ functionResponse: { name: 'f', id: 'c', response: { output: '' }, parts } }] });
    const source = { kind: 'data', mediaType: 'image/png', data: 'AA==' };
    assert.deepEqual(message!.parts, [{ type: 'tool-result', callId: 'c', name: 'f', content: [{ type: 'image', source }] }]);
  });

  test('chunks that an SDK keeps as contents of their own are one answer', () => {
    const messages = contents(
      { role: 'user', parts: [{ text: 'Go' }] },
      { role: 'model', parts: [{ text: 'I ', thought: true }] },
      { role: 'model', parts: [{ text: 'think', thought: true }] },
      { role: 'model', parts: [{ text: '', thought: true, thoughtSignature: 'c2ln' }] },
      { role: 'model', parts: [{ text: 'The ' }] },
      { role: 'model', parts: [{ text: 'end' }] },
      { role: 'model', parts: [{ text: '', thoughtSignature: 'bGFzdA==' }] },
    );
    assert.deepEqual(messages[1]!.parts, [
      { type: 'reasoning', text: 'I think', seal: google('c2ln') },
      { type: 'text', text: 'The end' },
      { type: 'reasoning', text: '', seal: google('bGFzdA==') },
    ]);
  });

  test('a signature that only fills the field is none; another family\u2019s comes back as it was', () => {
    const functionCall = { name: 'f', id: 'c' };
    const foreign = Buffer.from('modicum.anthropic.signature..abc').toString('base64');
    const [message] = contents({
      role: 'model',
      parts: [
        { text: 'Hm', thought: true, thoughtSignature: foreign },
        { functionCall, thoughtSignature: 'skip_thought_signature_validator' },
      ],
    });
    assert.deepEqual(message!.parts, [
      { type: 'reasoning', text: 'Hm', seal: anthropic },
      { type: 'tool-call', id: 'c', name: 'f', arguments: '{}' },
    ]);
  });

  test('parts of Google\u2019s own tools stay as they are', () => {
    const parts = [{ executableCode: { code: '1' } }, { codeExecutionResult: { outcome: 'OUTCOME_OK' } }];
    const [message] = contents({ role: 'model', parts });
    assert.deepEqual(
      message!.parts,
      parts.map((value) => ({ type: 'opaque', api: 'google.generate_content', kind: Object.keys(value)[0], value })),
    );
  });

  test('Google\u2019s schemas become JSON Schema', () => {
    const parameters = {
      type: 'OBJECT',
      properties: {
        a: { type: 'STRING', nullable: true, maxLength: '5', enum: ['x'] },
        b: { type: 'ARRAY', items: { type: 'INTEGER' }, min_items: '1' },
        c: { any_of: [{ type: 'NUMBER' }, { type: 'BOOLEAN' }], nullable: true },
        type: { type: 'STRING', example: 'y' },
      },
      required: ['a'],
      propertyOrdering: ['a', 'b'],
    };
    const { call: found } = decoded({ tools: [{ functionDeclarations: [{ name: 'f', parameters }] }] });
    assert.deepEqual((found.tools[0] as { parameters?: unknown }).parameters, {
      type: 'object',
      properties: {
        a: { type: ['string', 'null'], maxLength: 5, enum: ['x'] },
        b: { type: 'array', items: { type: 'integer' }, minItems: 1 },
        c: { anyOf: [{ anyOf: [{ type: 'number' }, { type: 'boolean' }] }, { type: 'null' }] },
        type: { type: 'string', examples: ['y'] },
      },
      required: ['a'],
      propertyOrdering: ['a', 'b'],
    });
  });

  test(`a schema of more than ${maxSchemaDepth} levels is cut off there`, () => {
    const nested = (levels: number): JsonObject => (levels === 0 ? { type: 'STRING' } : { items: nested(levels - 1) });
    const found = (levels: number): string => JSON.stringify(decoded({ generationConfig: { responseSchema: nested(levels) } }).call.output);
    assert.ok(found(maxSchemaDepth).includes('"string"'));
    assert.ok(!found(maxSchemaDepth + 1).includes('"string"'));
  });
});
