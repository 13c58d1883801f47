/** A reply of one API as its provider would write it: whole, or as the events of a stream. */
export interface SampleReply {
  readonly api: 'openai.chat' | 'openai.responses' | 'anthropic.messages' | 'google.generate_content';
  readonly contentType: string;
  readonly chunks: readonly Buffer[];
}

// As models write: a line break now and then, few quotes, a character beyond Latin-1.
const words =
  'The job with the earliest deadline runs next; ties go by "priority" \u2014 a worker that polls gets it.\n' +
  'A job that is late is put back into the queue, so that it is not lost, and the worker asks for another one. ';
const head = { id: 'chatcmpl-bench', created: 1_767_225_600, model: 'mock-1-2026-01-01', system_fingerprint: 'fp_0' };
const usage = { prompt_tokens: 5000, completion_tokens: 230, total_tokens: 5230, prompt_tokens_details: { cached_tokens: 1024 } };

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

/** A chat completion of about 1.6 KB. */
export function wholeChatReply(): SampleReply {
  const said = { role: 'assistant', content: answer, refusal: null, annotations: [] };
  const choices = [{ index: 0, message: said, logprobs: null, finish_reason: 'stop' }];
  return whole('openai.chat', { ...head, object: 'chat.completion', choices, usage });
}

/** `count` deltas of text, the finish reason, the usage and `[DONE]`, a chunk each. */
export function chatStream(count: number): SampleReply {
  const event = (choices: readonly object[], more: object = {}): Buffer =>
    Buffer.from(`data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', choices, usage: null, ...more })}\n\n`);
  const choice = (delta: object, finish_reason: string | null = null): object => ({ index: 0, delta, logprobs: null, finish_reason });
  const text = Array.from({ length: count }, (_, index) => event([choice({ content: ` word${index}` })]));
  const end = [event([choice({}, 'stop')]), event([], { usage }), Buffer.from('data: [DONE]\n\n')];
  return {
    api: 'openai.chat',
    contentType: 'text/event-stream',
    chunks: [event([choice({ role: 'assistant', content: '' })]), ...text, ...end],
  };
}

const answer = words.repeat(6);
const whole = (api: SampleReply['api'], body: unknown): SampleReply => ({ api, contentType: 'application/json', chunks: [json(body)] });
const named = (type: string, more: object = {}): Buffer => Buffer.from(`event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`);

/** The whole reply by Anthropic's Messages API. */
export const wholeMessagesReply = (): SampleReply =>
  whole('anthropic.messages', {
    ...message,
    content: [{ type: 'text', text: answer }],
    stop_reason: 'end_turn',
    usage: { ...counted, output_tokens: 230 },
  });

const response = {
  id: 'resp_bench',
  object: 'response',
  created_at: head.created,
  model: head.model,
  error: null,
  incomplete_details: null,
};
const responseUsage = { input_tokens: 5000, input_tokens_details: { cached_tokens: 1024 }, output_tokens: 230, total_tokens: 5230 };
const outputItem = (status: string, text: string) => ({
  id: 'msg_bench',
  type: 'message',
  status,
  role: 'assistant',
  content: text === '' ? [] : [{ type: 'output_text', text, annotations: [], logprobs: [] }],
});
const completed = (text: string) => ({ ...response, status: 'completed', output: [outputItem('completed', text)], usage: responseUsage });

/** The whole reply by OpenAI's Responses API. */
export const wholeResponsesReply = (): SampleReply => whole('openai.responses', completed(answer));

/** A stream of it. */
export function responsesStream(count: number): SampleReply {
  let sequence_number = 0;
  const event = (type: string, more: object): Buffer => named(type, { sequence_number: sequence_number++, ...more });
  const place = { item_id: 'msg_bench', output_index: 0, content_index: 0 };
  const text = Array.from({ length: count }, (_, index) => ` word${index}`);
  const part = (said: string) => ({ type: 'output_text', text: said, annotations: [], logprobs: [] });
  const all = text.join('');
  return {
    api: 'openai.responses',
    contentType: 'text/event-stream',
    chunks: [
      event('response.created', { response: { ...response, status: 'in_progress', output: [], usage: null } }),
      event('response.in_progress', { response: { ...response, status: 'in_progress', output: [], usage: null } }),
      event('response.output_item.added', { output_index: 0, item: outputItem('in_progress', '') }),
      event('response.content_part.added', { ...place, part: part('') }),
      ...text.map((delta) => event('response.output_text.delta', { ...place, delta, logprobs: [] })),
      event('response.output_text.done', { ...place, text: all, logprobs: [] }),
      event('response.content_part.done', { ...place, part: part(all) }),
      event('response.output_item.done', { output_index: 0, item: outputItem('completed', all) }),
      event('response.completed', { response: completed(all) }),
    ],
  };
}

const googleReply = (text: string, candidatesTokenCount: number, finishReason?: string) => ({
  candidates: [{ content: { parts: [{ text }], role: 'model' }, ...(finishReason !== undefined && { finishReason }), index: 0 }],
  usageMetadata: {
    promptTokenCount: 5000,
    cachedContentTokenCount: 1024,
    candidatesTokenCount,
    totalTokenCount: 5000 + candidatesTokenCount,
    promptTokensDetails: [{ modality: 'TEXT', tokenCount: 5000 }],
  },
  modelVersion: 'mock-1',
  responseId: 'google-bench',
});

/** The whole reply by Google's generateContent. */
export const wholeGoogleReply = (): SampleReply => whole('google.generate_content', googleReply(answer, 230, 'STOP'));

/** A stream of it: the usage stands in every event, and grows. */
export function googleStream(count: number): SampleReply {
  const event = (index: number): Buffer => {
    const reply = googleReply(` word${index}`, Math.ceil((230 * (index + 1)) / count), index === count - 1 ? 'STOP' : undefined);
    return Buffer.from(`data: ${JSON.stringify(reply)}\r\n\r\n`);
  };
  const chunks = Array.from({ length: count }, (_, index) => event(index));
  return { api: 'google.generate_content', contentType: 'text/event-stream', chunks };
}

const counted = { input_tokens: 5000, cache_creation_input_tokens: 0, cache_read_input_tokens: 1024, output_tokens: 1 };
const message = { id: 'msg_bench', type: 'message', role: 'assistant', model: 'mock-1', content: [], stop_reason: null, usage: counted };

/** A stream by Anthropic's Messages API: usage stands in the first event and in the last but one. */
export function messagesStream(count: number): SampleReply {
  const text = Array.from({ length: count }, (_, index) =>
    named('content_block_delta', { index: 0, delta: { type: 'text_delta', text: ` word${index}` } }),
  );
  const begin = [
    named('message_start', { message }),
    named('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
  ];
  const delta = { delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 230 } };
  const end = [named('content_block_stop', { index: 0 }), named('message_delta', delta), named('message_stop')];
  return { api: 'anthropic.messages', contentType: 'text/event-stream', chunks: [...begin, ...text, ...end] };
}
