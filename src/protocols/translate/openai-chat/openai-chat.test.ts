import OpenAI from 'openai';
import { events } from '../../testing.ts';
import { testTranslator, type Meaning } from '../conformance.ts';
import { openaiChat } from './index.ts';

/** An SDK whose server always answers with these bytes. */
const clientOf = (body: Buffer, contentType: string): OpenAI =>
  new OpenAI({
    apiKey: 'test',
    baseURL: 'http://provider.test/v1',
    maxRetries: 0,
    fetch: () => Promise.resolve(new Response(new Uint8Array(body), { headers: { 'content-type': contentType } })),
  });

async function readWithSdk(body: Buffer, contentType: string, isStream: boolean): Promise<Meaning> {
  const completions = clientOf(body, contentType).chat.completions;
  const request = { model: 'model-1', messages: [{ role: 'user' as const, content: 'Hello' }] };
  const { choices } = isStream ? await completions.stream(request).finalChatCompletion() : await completions.create(request);
  const message = choices[0]!.message;
  const calls = (message.tool_calls ?? []).flatMap((call) =>
    call.type === 'function' ? [{ name: call.function.name, arguments: call.function.arguments }] : [],
  );
  return { text: message.content ?? '', calls };
}

const chunk = (delta: object, beside: object = {}) => ({
  id: 'c1',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'm',
  choices: [{ index: 0, delta, ...beside }],
});
const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };

testTranslator(openaiChat, {
  sdk: readWithSdk,
  golden: [
    {
      name: 'usage on the chunk with the finish reason, no [DONE] (Mistral)',
      isStream: true,
      bytes: events(chunk({ role: 'assistant', content: '' }), chunk({ content: 'Hi' }), {
        ...chunk({ content: '' }, { finish_reason: 'stop' }),
        usage,
      }),
      meaning: { text: 'Hi', finish: ['stop'], input: 10, output: 5 },
    },
    {
      name: 'parallel tool calls in fragments',
      isStream: true,
      bytes: events(
        chunk({ tool_calls: [{ index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: '' } }] }),
        chunk({ tool_calls: [{ index: 0, function: { arguments: '{"x":' } }] }),
        chunk({ tool_calls: [{ index: 0, function: { arguments: '1}' } }] }),
        chunk({ tool_calls: [{ index: 1, id: 'b', type: 'function', function: { name: 'g', arguments: '{}' } }] }),
        chunk({}, { finish_reason: 'tool_calls' }),
        '[DONE]',
      ),
      meaning: {
        text: '',
        calls: [
          { name: 'f', arguments: '{"x":1}' },
          { name: 'g', arguments: '{}' },
        ],
        finish: ['tool_calls'],
      },
    },
    {
      name: 'thoughts as reasoning_content (DeepSeek)',
      isStream: false,
      bytes: JSON.stringify({
        id: 'c1',
        model: 'm',
        choices: [{ index: 0, message: { role: 'assistant', content: 'Four.', reasoning_content: '2+2' }, finish_reason: 'stop' }],
        usage,
      }),
      meaning: { text: 'Four.', reasoning: '2+2', finish: ['stop'], input: 10, output: 5 },
    },
    {
      name: 'a refusal is a finish reason of its own',
      isStream: false,
      bytes: JSON.stringify({
        id: 'c1',
        model: 'm',
        choices: [{ index: 0, message: { role: 'assistant', content: null, refusal: 'No.' }, finish_reason: 'stop' }],
      }),
      meaning: { text: '', finish: ['refusal'] },
    },
  ],
});
