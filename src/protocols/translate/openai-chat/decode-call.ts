import type { CanonicalCall, OutputFormat, Sampling } from '../../../core/canonical/call.ts';
import type { Message } from '../../../core/canonical/message.ts';
import { efforts } from '../../../core/canonical/reasoning.ts';
import type { Tool, ToolChoice } from '../../../core/canonical/tool.ts';
import type { Json } from '../../../core/json.ts';
import { BareMessage } from '../bare-messages.ts';
import { compact, Fields } from '../fields.ts';
import { cachingOf, customOf, functionOf, tierOf } from '../openai-fields.ts';
import { withToolNames } from '../tool-names.ts';
import type { DecodedCall } from '../translator.ts';
import { decodeMessage } from './decode-message.ts';

/** A body of `/v1/chat/completions`. */
export function decodeCall(json: Json): DecodedCall {
  const body = Fields.of(json);
  const messages = (body.listWithBare('messages', () => true) ?? []).map(messageOf);
  if (messages.length === 0) throw body.wrong('messages', 'a list with at least one message');
  const call: CanonicalCall = compact({
    model: body.required('model'),
    stream: body.boolean('stream') ?? false,
    streamUsage: body.object('stream_options')?.boolean('include_usage') ?? false,
    messages: withToolNames(messages),
    tools: toolsOf(body),
    toolChoice: choiceOf(body),
    parallelToolCalls: body.boolean('parallel_tool_calls'),
    output: outputOf(body.object('response_format')),
    maxOutputTokens: body.number('max_completion_tokens') ?? body.number('max_tokens'),
    stop: stopOf(body),
    sampling: samplingOf(body),
    candidates: severalOf(body.number('n')),
    logprobs: logprobsOf(body),
    reasoning: reasoningOf(body),
    verbosity: body.word('verbosity', ['low', 'medium', 'high']),
    promptCaching: cachingOf(body),
    serviceTier: tierOf(body),
    metadata: body.json('metadata') as Readonly<Record<string, string>> | undefined,
    endUser: body.text('safety_identifier') ?? body.text('user'),
    state: stateOf(body.boolean('store')),
    modalities: modalitiesOf(body),
  });
  return { call, unread: body.unread() };
}

const messageOf = (message: Fields | BareMessage): Message => (message instanceof BareMessage ? message.message() : decodeMessage(message));

/** The very list of `tools` where there are no functions of old. */
function toolsOf(body: Fields): readonly Tool[] {
  const tools = body.mapped('tools', toolOf);
  const functions = body.list('functions');
  return functions ? [...tools, ...functions.map(functionOf)] : tools;
}

function toolOf(tool: Fields): readonly Tool[] {
  const type = tool.required('type');
  if (type === 'function') return [functionOf(tool.object('function') ?? tool)];
  if (type === 'custom') return [customOf(tool.object('custom') ?? tool)];
  return [{ type: 'server', api: 'openai.chat', kind: type, value: tool.whole() }];
}

function choiceOf(body: Fields): ToolChoice | undefined {
  const choice = body.any('tool_choice') ?? body.any('function_call');
  if (choice === undefined) return undefined;
  if (choice === 'auto' || choice === 'none' || choice === 'required') return { type: choice };
  const fields = Fields.of(choice, 'tool_choice');
  const allowed = fields.object('allowed_tools');
  if (allowed) return { type: 'allowed', mode: allowed.word('mode', ['auto', 'required']) ?? 'auto', names: allowedNames(allowed) };
  const named = fields.object('function') ?? fields.object('custom') ?? fields;
  return { type: 'tool', name: named.required('name') };
}

const allowedNames = (allowed: Fields): readonly string[] =>
  (allowed.list('tools') ?? []).map((tool) => (tool.object('function') ?? tool.object('custom') ?? tool).required('name'));

function outputOf(format: Fields | undefined): OutputFormat | undefined {
  const type = format?.text('type');
  if (type === 'json_object') return { type: 'json' };
  const schema = type === 'json_schema' ? format?.object('json_schema') : undefined;
  if (!schema) return undefined;
  return compact({
    type: 'schema' as const,
    name: schema.text('name') ?? 'answer',
    schema: schema.json('schema') ?? {},
    description: schema.text('description'),
    strict: schema.boolean('strict'),
  });
}

function stopOf(body: Fields): readonly string[] | undefined {
  const stop = body.any('stop');
  const list = typeof stop === 'string' ? [stop] : stop;
  if (list === undefined) return undefined;
  if (!Array.isArray(list) || list.some((one) => typeof one !== 'string')) throw body.wrong('stop', 'a string or a list of strings');
  return list.length === 0 ? undefined : (list as readonly string[]);
}

const samplingOf = (body: Fields): Sampling =>
  compact({
    temperature: body.number('temperature'),
    topP: body.number('top_p'),
    topK: body.number('top_k'),
    frequencyPenalty: body.number('frequency_penalty'),
    presencePenalty: body.number('presence_penalty'),
    seed: body.number('seed'),
    logitBias: body.json('logit_bias') as Readonly<Record<string, number>> | undefined,
  });

/** One answer is what comes anyhow. */
const severalOf = (n: number | undefined): number | undefined => (n === 1 ? undefined : n);

function logprobsOf(body: Fields): CanonicalCall['logprobs'] {
  const alternatives = body.number('top_logprobs') ?? 0;
  return body.boolean('logprobs') ? { alternatives } : undefined;
}

function reasoningOf(body: Fields): CanonicalCall['reasoning'] {
  const effort = body.word('reasoning_effort', efforts);
  return effort && { effort };
}

const stateOf = (store: boolean | undefined): CanonicalCall['state'] => (store === undefined ? undefined : { store });

function modalitiesOf(body: Fields): CanonicalCall['modalities'] {
  const kinds = body.values('modalities')?.filter((kind) => kind === 'text' || kind === 'audio' || kind === 'image');
  return kinds?.some((kind) => kind !== 'text') ? kinds : undefined;
}
