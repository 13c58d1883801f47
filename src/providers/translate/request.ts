import { Body } from '../../core/body.ts';
import { Call } from '../../core/call.ts';
import type { CanonicalCall } from '../../core/canonical/call.ts';
import type { Dropped } from '../../core/canonical/feature.ts';
import type { Scope } from '../../core/pipeline.ts';
import { callCodecs } from '../../protocols/codecs.ts';
import type { KnownLists } from '../../protocols/translate/known-lists.ts';
import { fit } from '../../protocols/translate/fit.ts';
import type { ProtocolTranslator, ProviderTranslator } from '../../protocols/translate/translator.ts';
import type { ResponseState } from '../../protocols/translate/openai-responses/state.ts';
import { conversationOf, type Conversation } from './conversations.ts';
import { heldBodyOf, scopeThere } from './crossed.ts';
import type { Destination } from './crossing.ts';

/**
 * Tokens of an answer at most, where the client gave no limit and the provider's API wants one: what the smallest of Anthropic's models in
 * service can give (Opus 4 and 4.1). Not more for models that can: prompt and limit together must fit the context, so a larger default would
 * have long prompts refused.
 */
export const defaultMaxOutputTokens = 32_000;

/** A call in the provider's API, and what it was before. */
export interface TranslatedCall {
  /** As the client meant it, without its messages: no reply repeats them, and kept for as long as the provider takes they would fill the memory. */
  readonly canonical: CanonicalCall;
  readonly seen: Conversation['seen'];
  readonly call: Call;
  readonly scope: Scope;
  readonly dropped: readonly Dropped[];
}

interface Crossing {
  readonly from: ProtocolTranslator;
  readonly to: ProviderTranslator;
  readonly destination: Destination;
  readonly state: ResponseState;
  /** Tools that came before. */
  readonly known?: KnownLists;
}

/** @throws {GatewayError} `invalid_request` for what cannot be read, or must not be lost */
export function translateCall(call: Call, scope: Scope, { from, to, destination, state, known }: Crossing): TranslatedCall {
  const { abilities } = destination;
  const { model } = destination.deployment;
  const body = heldBodyOf(call, known);
  const { call: canonical, unread } = from.decodeCall(body.json, { model: call.model, stream: call.stream, headers: scope.headers });
  const { streamUsage } = destination.speech.dialect;
  const conversation = conversationOf(from.api, canonical, body, scope, state);
  const { call: accepted, dropped: refused } = fit(conversation.call, abilities ?? {});
  const encoded = to.encodeCall(accepted, {
    model,
    defaultMaxOutputTokens: Math.min(abilities?.maxOutputTokens ?? defaultMaxOutputTokens, defaultMaxOutputTokens),
    maxOutputTokens: abilities?.maxOutputTokens,
    stateless: true,
    ...(streamUsage && { streamUsage }),
  });
  const dropped = [
    ...refused,
    ...encoded.dropped,
    ...unread.map((path): Dropped => ({ what: `field:${path}`, why: 'no other API has this field' })),
  ];
  return {
    canonical: { ...canonical, messages: [] },
    seen: conversation.seen,
    dropped,
    call: Call.written(call.id, {
      codec: callCodecs[to.api],
      body: new Body([conversation.held ? conversation.held.into(encoded.body) : encoded.body]),
      given: { model, stream: call.stream },
      keysIn: encoded.body,
    }),
    scope: scopeThere(scope, { deployment: destination.deployment, from: from.api, to: to.api, encoded, dropped }),
  };
}
