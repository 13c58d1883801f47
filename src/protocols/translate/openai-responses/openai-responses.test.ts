import OpenAI from 'openai';
import { namedEvents } from '../../testing.ts';
import { testTranslator, type Meaning } from '../conformance.ts';
import { openaiResponses } from './index.ts';

/** An SDK whose server always answers with these bytes. */
const clientOf = (body: Buffer, contentType: string): OpenAI =>
  new OpenAI({
    apiKey: 'test',
    baseURL: 'http://provider.test/v1',
    maxRetries: 0,
    fetch: () => Promise.resolve(new Response(new Uint8Array(body), { headers: { 'content-type': contentType } })),
  });

async function readWithSdk(body: Buffer, contentType: string, isStream: boolean): Promise<Meaning> {
  const { responses } = clientOf(body, contentType);
  const request = { model: 'model-1', input: 'Hello' };
  const { output_text: text, output } = isStream ? await responses.stream(request).finalResponse() : await responses.create(request);
  const calls = output.flatMap((item) => (item.type === 'function_call' ? [{ name: item.name, arguments: item.arguments }] : []));
  return { text, calls };
}

const events = (...all: readonly { readonly type: string; readonly [key: string]: unknown }[]): string => namedEvents(...all);
const usage = {
  input_tokens: 10,
  input_tokens_details: { cached_tokens: 4 },
  output_tokens: 5,
  output_tokens_details: { reasoning_tokens: 2 },
};
const head = { id: 'resp_1', object: 'response', created_at: 1, model: 'm' };
const created = { type: 'response.created', response: { ...head, status: 'in_progress', output: [], usage: null } };
const completed = (...output: readonly object[]) => ({
  type: 'response.completed',
  response: { ...head, status: 'completed', output, usage: { ...usage, total_tokens: 15 } },
});
const message = (...content: readonly object[]) => ({ type: 'message', id: 'msg_1', role: 'assistant', status: 'completed', content });
const call = (index: number, args: string) => ({
  type: 'function_call',
  id: `fc_${index}`,
  call_id: `call_${index}`,
  name: 'f',
  arguments: args,
});

testTranslator(openaiResponses, {
  sdk: readWithSdk,
  golden: [
    {
      name: 'thoughts in two paragraphs, then a text in pieces',
      isStream: true,
      bytes: events(
        created,
        { type: 'response.output_item.added', output_index: 0, item: { type: 'reasoning', id: 'rs_1', summary: [] } },
        {
          type: 'response.reasoning_summary_part.added',
          item_id: 'rs_1',
          output_index: 0,
          summary_index: 0,
          part: { type: 'summary_text' },
        },
        { type: 'response.reasoning_summary_text.delta', item_id: 'rs_1', output_index: 0, summary_index: 0, delta: 'First.' },
        {
          type: 'response.reasoning_summary_part.added',
          item_id: 'rs_1',
          output_index: 0,
          summary_index: 1,
          part: { type: 'summary_text' },
        },
        { type: 'response.reasoning_summary_text.delta', item_id: 'rs_1', output_index: 0, summary_index: 1, delta: 'Second.' },
        {
          type: 'response.output_item.done',
          output_index: 0,
          item: { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'First.' }], encrypted_content: 'c2VhbA==' },
        },
        { type: 'response.output_item.added', output_index: 1, item: { ...message(), status: 'in_progress' } },
        {
          type: 'response.content_part.added',
          output_index: 1,
          content_index: 0,
          part: { type: 'output_text', text: '', annotations: [] },
        },
        { type: 'response.output_text.delta', output_index: 1, content_index: 0, delta: 'Four' },
        { type: 'response.output_text.delta', output_index: 1, content_index: 0, delta: '.' },
        { type: 'response.output_item.done', output_index: 1, item: message({ type: 'output_text', text: 'Four.', annotations: [] }) },
        completed(),
      ),
      meaning: { text: 'Four.', reasoning: 'First.\n\nSecond.', finish: ['stop'], input: 10, output: 5 },
    },
    {
      name: 'parallel tool calls in fragments; the last event repeats them',
      isStream: true,
      bytes: events(
        created,
        { type: 'response.output_item.added', output_index: 0, item: call(0, '') },
        { type: 'response.function_call_arguments.delta', output_index: 0, item_id: 'fc_0', delta: '{"x":' },
        { type: 'response.function_call_arguments.delta', output_index: 0, item_id: 'fc_0', delta: '1}' },
        { type: 'response.function_call_arguments.done', output_index: 0, item_id: 'fc_0', arguments: '{"x":1}' },
        { type: 'response.output_item.done', output_index: 0, item: call(0, '{"x":1}') },
        { type: 'response.output_item.added', output_index: 1, item: call(1, '') },
        { type: 'response.output_item.done', output_index: 1, item: call(1, '{"x":2}') },
        completed(call(0, '{"x":1}'), call(1, '{"x":2}')),
      ),
      meaning: {
        text: '',
        calls: [
          { name: 'f', arguments: '{"x":1}' },
          { name: 'f', arguments: '{"x":2}' },
        ],
        finish: ['tool_calls'],
      },
    },
    {
      name: 'an imitator that sends the last event only',
      isStream: true,
      bytes: events(completed(message({ type: 'output_text', text: 'Hi', annotations: [] }))),
      meaning: { text: 'Hi', finish: ['stop'], input: 10, output: 5 },
    },
    {
      name: 'thoughts as such, of open models, come once though there is a summary too',
      isStream: true,
      bytes: events(
        created,
        { type: 'response.output_item.added', output_index: 0, item: { type: 'reasoning', id: 'rs_1', summary: [] } },
        { type: 'response.reasoning_text.delta', output_index: 0, content_index: 0, delta: '2+2' },
        { type: 'response.reasoning_summary_text.delta', output_index: 0, summary_index: 0, delta: 'adds' },
        { type: 'response.output_item.done', output_index: 0, item: { type: 'reasoning', id: 'rs_1', summary: [] } },
        completed(),
      ),
      meaning: { text: '', reasoning: '2+2', finish: ['stop'] },
    },
    {
      name: 'an answer that was cut by the limit',
      isStream: true,
      bytes: events(
        created,
        { type: 'response.output_text.delta', output_index: 0, content_index: 0, delta: 'Fo' },
        {
          type: 'response.incomplete',
          response: { ...head, status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' }, output: [], usage },
        },
      ),
      meaning: { text: 'Fo', finish: ['length'], input: 10, output: 5 },
    },
    {
      name: 'a refusal is a finish reason of its own',
      isStream: false,
      bytes: JSON.stringify({ ...head, status: 'completed', output: [message({ type: 'refusal', refusal: 'No.' })] }),
      meaning: { text: '', finish: ['refusal'] },
    },
    {
      name: 'a search of OpenAI between thought and text',
      isStream: false,
      bytes: JSON.stringify({
        ...head,
        status: 'completed',
        output: [
          { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'Look.' }] },
          { type: 'web_search_call', id: 'ws_1', status: 'completed', action: { type: 'search', query: 'oslo' } },
          message({ type: 'output_text', text: 'Rain.', annotations: [{ type: 'url_citation', url: 'https://x.test', title: 'X' }] }),
        ],
        usage,
      }),
      meaning: { text: 'Rain.', reasoning: 'Look.', finish: ['stop'], input: 10, output: 5 },
    },
  ],
});
