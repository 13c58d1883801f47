import type { CanonicalCall, OutputFormat } from '../../../core/canonical/call.ts';
import type { Message } from '../../../core/canonical/message.ts';
import type { TextPart } from '../../../core/canonical/part.ts';
import { efforts, type Effort, type ReasoningRequest } from '../../../core/canonical/reasoning.ts';
import type { Json } from '../../../core/json.ts';
import { headerOf } from '../../../core/reply.ts';
import { BareMessage } from '../bare-messages.ts';
import { compact, Fields } from '../fields.ts';
import { withToolNames } from '../tool-names.ts';
import type { CallGiven, DecodedCall } from '../translator.ts';
import { markOf } from './cache-mark.ts';
import { decodeMessage, systemTexts } from './decode-message.ts';
import { choiceOf, parallelOf, toolsOf } from './decode-tools.ts';
import { jsonInWords } from './json-in-words.ts';

/** From this version on the API refuses some of what it took before. */
const strictSince = '2026-10-21';

/** A body of `/v1/messages`. */
export function decodeCall(json: Json, { headers = [] }: CallGiven): DecodedCall {
  const body = Fields.of(json);
  const strict = (headerOf(headers, 'anthropic-version') ?? '') >= strictSince;
  if (strict) refuseSampling(body);
  const { parts, header } = withoutBilling(systemTexts(body, 'system'));
  const config = body.object('output_config');
  const choice = body.object('tool_choice');
  const { texts, output } = outputOf(config, parts);
  const call: CanonicalCall = compact({
    model: body.required('model'),
    stream: body.boolean('stream') ?? false,
    streamUsage: true,
    messages: withToolNames([...systemOf(texts), ...messagesOf(body, strict)]),
    tools: toolsOf(body),
    toolChoice: choiceOf(choice),
    parallelToolCalls: parallelOf(choice),
    output,
    maxOutputTokens: limitOf(body),
    stop: stopOf(body),
    sampling: compact({ temperature: body.number('temperature'), topP: body.number('top_p'), topK: body.number('top_k') }),
    reasoning: reasoningOf(body.object('thinking'), config?.word('effort', efforts)),
    promptCaching: cachingOf(body),
    serviceTier: tierOf(body),
    endUser: body.object('metadata')?.text('user_id'),
  });
  return { call, unread: [...(header ? ['system[].x-anthropic-billing-header'] : []), ...body.unread()] };
}

function refuseSampling(body: Fields): void {
  for (const name of ['temperature', 'top_p', 'top_k'])
    if (body.number(name) !== undefined) throw body.wrong(name, `left out with anthropic-version ${strictSince}`);
}

/** Claude Code's first block says which build it is, other words in each conversation: noise to other models, and death to their prompt caches. */
const billing = 'x-anthropic-billing-header:';

function withoutBilling(all: readonly TextPart[]) {
  const parts = all.filter(({ text }) => !text.startsWith(billing));
  return { parts, header: parts.length < all.length };
}

const systemOf = (parts: readonly TextPart[]): readonly Message[] => (parts.length === 0 ? [] : [{ role: 'system', parts }]);

function messagesOf(body: Fields, strict: boolean): readonly Message[] {
  const list = body.listWithBare('messages', ({ role }) => role !== 'developer') ?? [];
  if (list.length === 0) throw body.wrong('messages', 'a list with at least one message');
  return list.flatMap((message) => (message instanceof BareMessage ? message.message() : decodeMessage(message, strict)));
}

function limitOf(body: Fields): number {
  const limit = body.number('max_tokens');
  if (limit === undefined) throw body.wrong('max_tokens', 'given');
  return limit;
}

function stopOf(body: Fields): readonly string[] | undefined {
  const list = body.values('stop_sequences');
  if (list?.some((one) => typeof one !== 'string')) throw body.wrong('stop_sequences', 'a list of strings');
  return list && list.length > 0 ? (list as readonly string[]) : undefined;
}

/** A schema; or what an encoder of ours said in words instead. */
function outputOf(config: Fields | undefined, parts: readonly TextPart[]): { texts: readonly TextPart[]; output?: OutputFormat } {
  const format = config?.object('format');
  const schema = format?.word('type', ['json_schema']) && format.json('schema');
  if (schema) return { texts: parts, output: { type: 'schema', name: 'answer', schema } };
  if (parts.at(-1)?.text !== jsonInWords) return { texts: parts };
  return { texts: parts.slice(0, -1), output: { type: 'json' } };
}

/** An effort with adaptive thinking is an effort: that is how other APIs mean it. */
function reasoningOf(thinking: Fields | undefined, effort: Effort | undefined): ReasoningRequest | undefined {
  const type = thinking?.word('type', ['enabled', 'adaptive', 'disabled']);
  if (type === 'disabled') return { effort: 'none' };
  const reasoning: ReasoningRequest = compact({
    effort,
    budgetTokens: type === 'enabled' ? thinking?.number('budget_tokens') : undefined,
    adaptive: type === 'adaptive' && !effort ? true : undefined,
    summary: thinking && shownOf(thinking),
  });
  return Object.keys(reasoning).length === 0 ? undefined : reasoning;
}

function shownOf(thinking: Fields): ReasoningRequest['summary'] {
  const display = thinking.word('display', ['summarized', 'omitted']);
  return display && (display === 'omitted' ? 'none' : 'auto');
}

function cachingOf(body: Fields): CanonicalCall['promptCaching'] {
  const automatic = markOf(body);
  return automatic && { automatic };
}

function tierOf(body: Fields): CanonicalCall['serviceTier'] {
  const tier = body.word('service_tier', ['auto', 'standard_only']);
  return tier === 'standard_only' ? 'standard' : tier;
}
