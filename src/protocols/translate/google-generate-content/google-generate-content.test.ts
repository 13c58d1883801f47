import assert from 'node:assert/strict';
import { GoogleGenAI } from '@google/genai';
import { events } from '../../testing.ts';
import { testTranslator, type Meaning } from '../conformance.ts';
import { googleGenerateContent } from './index.ts';

/** Reads with an SDK whose server always answers with these bytes. A warning is as bad as an error. */
async function readWithSdk(body: Buffer, contentType: string, isStream: boolean): Promise<Meaning> {
  const fetch = () => Promise.resolve(new Response(new Uint8Array(body), { headers: { 'content-type': contentType } }));
  const { models } = new GoogleGenAI({ apiKey: 'test', httpOptions: { baseUrl: 'http://provider.test', fetch } });
  const request = { model: 'model-1', contents: 'Hello' };
  const warned = console.warn;
  console.warn = (...words: readonly unknown[]) => assert.fail(words.join(' '));
  try {
    const replies = isStream ? await Array.fromAsync(await models.generateContentStream(request)) : [await models.generateContent(request)];
    const parts = replies.flatMap(({ candidates }) => candidates?.[0]?.content?.parts ?? []);
    const calls = replies.flatMap(({ functionCalls }) => functionCalls ?? []);
    return {
      text: parts.map(({ text, thought }) => (thought ? '' : (text ?? ''))).join(''),
      calls: calls.map(({ name, args }) => ({ name: name!, arguments: JSON.stringify(args) })),
    };
  } finally {
    console.warn = warned;
  }
}

const chunk = (parts: readonly object[], beside: object = {}, usageMetadata?: object) => ({
  candidates: [{ content: { role: 'model', parts }, index: 0, ...beside }],
  usageMetadata,
  modelVersion: 'gemini-3-pro',
  responseId: 'r1',
});

const counted = { promptTokenCount: 1000, cachedContentTokenCount: 600, toolUsePromptTokenCount: 50, thoughtsTokenCount: 30 };

testTranslator(googleGenerateContent, {
  sdk: readWithSdk,
  golden: [
    {
      name: 'usage is cumulative, thoughts stand beside the candidates, the prompt of tools beside the prompt',
      isStream: true,
      bytes: events(
        chunk([{ text: 'Let me ', thought: true }], {}, { ...counted, totalTokenCount: 1080 }),
        chunk([{ text: 'see.', thought: true }]),
        chunk([{ text: 'The ' }], {}, { ...counted, candidatesTokenCount: 1, totalTokenCount: 1081 }),
        chunk(
          [{ text: 'end', thoughtSignature: 'c2ln' }],
          { finishReason: 'STOP' },
          { ...counted, candidatesTokenCount: 2, totalTokenCount: 1082 },
        ),
      ),
      meaning: { text: 'The end', reasoning: 'Let me see.', finish: ['stop'], input: 1050, output: 32 },
    },
    {
      name: 'function calls without ids, in one chunk and in the next, end with STOP',
      isStream: true,
      bytes: events(
        chunk([{ functionCall: { name: 'f', args: { x: 1 } }, thoughtSignature: 'c2ln' }, { functionCall: { name: 'f', args: { x: 1 } } }]),
        chunk([{ functionCall: { name: 'g' } }], { finishReason: 'STOP' }),
      ),
      meaning: {
        text: '',
        calls: [
          { name: 'f', arguments: '{"x":1}' },
          { name: 'f', arguments: '{"x":1}' },
          { name: 'g', arguments: '{}' },
        ],
        finish: ['tool_calls'],
      },
    },
    {
      name: 'usage behind the finish reason still counts',
      isStream: true,
      bytes: events(chunk([{ text: 'Hi' }], { finishReason: 'MAX_TOKENS' }), {
        usageMetadata: { promptTokenCount: 5, candidatesTokenCount: 2, totalTokenCount: 7 },
      }),
      meaning: { text: 'Hi', finish: ['length'], input: 5, output: 2 },
    },
    {
      name: 'a list instead of events, as without alt=sse',
      isStream: false,
      bytes: JSON.stringify([chunk([{ text: 'Th' }]), chunk([{ text: 'e end' }], { finishReason: 'STOP' })]),
      meaning: { text: 'The end', finish: ['stop'] },
    },
    {
      name: 'a prompt that is blocked has no candidate',
      isStream: false,
      bytes: JSON.stringify({ promptFeedback: { blockReason: 'SAFETY' }, usageMetadata: { promptTokenCount: 3, totalTokenCount: 3 } }),
      meaning: { text: '', finish: ['content_filter'], input: 3, output: 0 },
    },
    {
      name: 'several candidates, one of them broken off by a filter',
      isStream: false,
      bytes: JSON.stringify({
        candidates: [
          { content: { role: 'model', parts: [{ text: 'One' }] }, finishReason: 'STOP' },
          { finishReason: 'RECITATION', index: 1 },
        ],
      }),
      meaning: { text: 'One', finish: ['stop', 'content_filter'] },
    },
  ],
});
