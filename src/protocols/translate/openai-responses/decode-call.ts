import type { CanonicalCall, OutputFormat, ResponseState, Sampling } from '../../../core/canonical/call.ts';
import type { Message } from '../../../core/canonical/message.ts';
import { efforts, type ReasoningRequest } from '../../../core/canonical/reasoning.ts';
import { GatewayError } from '../../../core/errors.ts';
import type { Json } from '../../../core/json.ts';
import { compact, Fields } from '../fields.ts';
import { cachingOf, tierOf } from '../openai-fields.ts';
import { withToolNames } from '../tool-names.ts';
import type { DecodedCall } from '../translator.ts';
import { messagesOf } from './decode-items.ts';
import { decodeTools } from './decode-tools.ts';

/** A body of `/v1/responses`. */
export function decodeCall(json: Json): DecodedCall {
  const body = Fields.of(json);
  refuse(body);
  const include = included(body);
  const { tools, toolChoice, unread } = decodeTools(body);
  const text = body.object('text');
  const call: CanonicalCall = compact({
    model: body.required('model'),
    stream: streamOf(body),
    streamUsage: true, // responses tell it unasked
    messages: withToolNames([...instructionsOf(body), ...inputOf(body)]),
    tools,
    toolChoice,
    parallelToolCalls: body.boolean('parallel_tool_calls'),
    output: outputOf(text?.object('format')),
    maxOutputTokens: body.number('max_output_tokens'),
    sampling: samplingOf(body),
    logprobs: logprobsOf(body, include),
    reasoning: reasoningOf(body, include),
    verbosity: text?.word('verbosity', ['low', 'medium', 'high']),
    promptCaching: cachingOf(body),
    serviceTier: tierOf(body),
    metadata: metadataOf(body),
    endUser: body.text('safety_identifier') ?? body.text('user'),
    state: stateOf(body),
  });
  return { call, unread: [...body.unread(), ...unread] };
}

/** What an answer could not be right without, and no provider but OpenAI has. */
function refuse(body: Fields): void {
  if (body.boolean('background')) throw foreign('background', 'responses in the background');
  if (body.any('prompt') !== undefined) throw foreign('prompt', 'prompts that OpenAI keeps');
}

const foreign = (param: string, what: string): GatewayError =>
  new GatewayError('invalid_request', `the model's provider has no ${what} (${param}): only OpenAI has`, { param });

function streamOf(body: Fields): boolean {
  body.object('stream_options')?.any('include_obfuscation'); // padding, which no event of ours has
  return body.boolean('stream') ?? false;
}

function instructionsOf(body: Fields): readonly Message[] {
  const text = body.text('instructions');
  return text === undefined || text === '' ? [] : [{ role: 'system', parts: [{ type: 'text', text }] }];
}

function inputOf(body: Fields): readonly Message[] {
  const input = body.any('input');
  if (typeof input === 'string') return [{ role: 'user', parts: [{ type: 'text', text: input }] }];
  return messagesOf(body.listWithBare('input', () => true) ?? []);
}

const sealed = 'reasoning.encrypted_content';
const logprobs = 'message.output_text.logprobs';

function included(body: Fields): ReadonlySet<string> {
  const words = (body.values('include') ?? []).filter((word) => typeof word === 'string');
  if (words.some((word) => word !== sealed && word !== logprobs)) body.leave('include');
  return new Set(words);
}

function outputOf(format: Fields | undefined): OutputFormat | undefined {
  const type = format?.text('type');
  if (type === 'json_object') return { type: 'json' };
  if (!format || type !== 'json_schema') return undefined;
  return compact({
    type: 'schema' as const,
    name: format.text('name') ?? 'answer',
    schema: format.json('schema') ?? {},
    description: format.text('description'),
    strict: format.boolean('strict'),
  });
}

const samplingOf = (body: Fields): Sampling => compact({ temperature: body.number('temperature'), topP: body.number('top_p') });

function logprobsOf(body: Fields, include: ReadonlySet<string>): CanonicalCall['logprobs'] {
  const alternatives = body.number('top_logprobs') ?? 0;
  return include.has(logprobs) || alternatives > 0 ? { alternatives } : undefined;
}

function reasoningOf(body: Fields, include: ReadonlySet<string>): ReasoningRequest | undefined {
  const fields = body.object('reasoning');
  const reasoning: ReasoningRequest = compact({
    effort: fields?.word('effort', efforts),
    summary: fields && summaryOf(body, fields),
    sealed: include.has(sealed) ? true : undefined,
  });
  return Object.keys(reasoning).length === 0 ? undefined : reasoning;
}

const summaries = ['auto', 'concise', 'detailed'] as const;

/** An explicit `null` says that no thoughts shall be shown. */
function summaryOf(body: Fields, reasoning: Fields): ReasoningRequest['summary'] {
  const word = reasoning.word('summary', summaries) ?? reasoning.word('generate_summary', summaries);
  return word ?? (body.json('reasoning')?.['summary'] === null ? 'none' : undefined);
}

function metadataOf(body: Fields): CanonicalCall['metadata'] {
  const metadata = body.json('metadata') as Readonly<Record<string, string>> | undefined;
  return metadata && Object.keys(metadata).length > 0 ? metadata : undefined;
}

function stateOf(body: Fields): ResponseState | undefined {
  if (body.text('truncation') === 'auto') body.leave('truncation'); // `disabled` is what all others do
  const conversation = body.any('conversation');
  const state: ResponseState = compact({
    previousResponseId: body.text('previous_response_id'),
    conversation: typeof conversation === 'string' ? conversation : body.object('conversation')?.text('id'),
    store: body.boolean('store'),
  });
  return Object.keys(state).length === 0 ? undefined : state;
}
