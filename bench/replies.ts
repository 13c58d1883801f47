/** A reply of one API as its provider would write it: whole, or as the events of a stream. */
export interface SampleReply {
  readonly api: 'openai.chat' | 'anthropic.messages';
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
  const message = { role: 'assistant', content: words.repeat(6), refusal: null, annotations: [] };
  const body = { ...head, object: 'chat.completion', choices: [{ index: 0, message, logprobs: null, finish_reason: 'stop' }], usage };
  return { api: 'openai.chat', contentType: 'application/json', chunks: [json(body)] };
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

/** The same by Anthropic's Messages API: usage stands in the first event and in the last but one. */
export function messagesStream(count: number): SampleReply {
  const event = (type: string, more: object = {}): Buffer => Buffer.from(`event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`);
  const counted = { input_tokens: 5000, cache_creation_input_tokens: 0, cache_read_input_tokens: 1024, output_tokens: 1 };
  const message = { id: 'msg_bench', type: 'message', role: 'assistant', model: 'mock-1', content: [], stop_reason: null, usage: counted };
  const text = Array.from({ length: count }, (_, index) =>
    event('content_block_delta', { index: 0, delta: { type: 'text_delta', text: ` word${index}` } }),
  );
  const begin = [
    event('message_start', { message }),
    event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
  ];
  const delta = { delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 230 } };
  const end = [event('content_block_stop', { index: 0 }), event('message_delta', delta), event('message_stop')];
  return { api: 'anthropic.messages', contentType: 'text/event-stream', chunks: [...begin, ...text, ...end] };
}
