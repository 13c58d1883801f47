import Anthropic from '@anthropic-ai/sdk';
import { namedEvents } from '../../testing.ts';
import { testTranslator, type Meaning } from '../conformance.ts';
import { anthropicMessages } from './index.ts';

/** An SDK whose server always answers with these bytes. */
const clientOf = (body: Buffer, contentType: string): Anthropic =>
  new Anthropic({
    apiKey: 'test',
    baseURL: 'http://provider.test',
    maxRetries: 0,
    fetch: () => Promise.resolve(new Response(new Uint8Array(body), { headers: { 'content-type': contentType } })),
  });

async function readWithSdk(body: Buffer, contentType: string, isStream: boolean): Promise<Meaning> {
  const { messages } = clientOf(body, contentType);
  const request = { model: 'model-1', max_tokens: 100, messages: [{ role: 'user' as const, content: 'Hello' }] };
  const { content } = isStream ? await messages.stream(request).finalMessage() : await messages.create(request);
  return {
    text: content.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join(''),
    calls: content.flatMap((block) => (block.type === 'tool_use' ? [{ name: block.name, arguments: JSON.stringify(block.input) }] : [])),
  };
}

const message = { id: 'msg_1', type: 'message', role: 'assistant', model: 'claude-opus-5-5' };
const start = {
  type: 'message_start',
  message: { ...message, content: [], stop_reason: null, usage: { input_tokens: 60, output_tokens: 2 } },
};
const begin = (index: number, block: object) => ({ type: 'content_block_start', index, content_block: block });
const delta = (index: number, said: object) => ({ type: 'content_block_delta', index, delta: said });
const stop = (index: number) => ({ type: 'content_block_stop', index });
const end = (reason: string, output: number) => [
  { type: 'message_delta', delta: { stop_reason: reason, stop_sequence: null }, usage: { output_tokens: output } },
  { type: 'message_stop' },
];

testTranslator(anthropicMessages, {
  sdk: readWithSdk,
  golden: [
    {
      name: 'a thought with a signature, a ping, a text; the input is told at the start only',
      isStream: true,
      bytes: namedEvents(
        start,
        begin(0, { type: 'thinking', thinking: '', signature: '' }),
        { type: 'ping' },
        delta(0, { type: 'thinking_delta', thinking: 'Rain?' }),
        delta(0, { type: 'signature_delta', signature: 'c2ln' }),
        stop(0),
        begin(1, { type: 'text', text: '' }),
        delta(1, { type: 'text_delta', text: 'Sunny' }),
        stop(1),
        ...end('end_turn', 210),
      ),
      meaning: { text: 'Sunny', reasoning: 'Rain?', calls: [], finish: ['stop'], input: 60, output: 210 },
    },
    {
      name: 'two tool calls, one of them without any fragment of input',
      isStream: true,
      bytes: namedEvents(
        start,
        begin(0, { type: 'tool_use', id: 'toolu_1', name: 'f', input: {} }),
        delta(0, { type: 'input_json_delta', partial_json: '' }),
        delta(0, { type: 'input_json_delta', partial_json: '{"x":' }),
        delta(0, { type: 'input_json_delta', partial_json: '1}' }),
        stop(0),
        begin(1, { type: 'tool_use', id: 'toolu_2', name: 'g', input: {} }),
        stop(1),
        ...end('tool_use', 9),
      ),
      meaning: {
        text: '',
        calls: [
          { name: 'f', arguments: '{"x":1}' },
          { name: 'g', arguments: '{}' },
        ],
        finish: ['tool_calls'],
        input: 60,
        output: 9,
      },
    },
    {
      name: 'a whole message with cache counts beside the input',
      isStream: false,
      bytes: JSON.stringify({
        ...message,
        content: [
          { type: 'text', text: 'Hi', citations: null },
          { type: 'tool_use', id: 'toolu_1', name: 'f', input: { x: 1 } },
        ],
        stop_reason: 'tool_use',
        usage: { input_tokens: 20, cache_creation_input_tokens: 3000, cache_read_input_tokens: 50_000, output_tokens: 500 },
      }),
      meaning: { text: 'Hi', calls: [{ name: 'f', arguments: '{"x":1}' }], finish: ['tool_calls'], input: 53_020, output: 500 },
    },
    {
      name: 'a refusal that says why',
      isStream: false,
      bytes: JSON.stringify({
        ...message,
        content: [],
        stop_reason: 'refusal',
        stop_details: { type: 'refusal', category: 'bio', explanation: 'No.' },
        usage: { input_tokens: 1, output_tokens: 1 },
      }),
      meaning: { text: '', finish: ['refusal'] },
    },
  ],
});
