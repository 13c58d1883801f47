import type { Dropped } from '../../../core/canonical/feature.ts';
import { GatewayError } from '../../../core/errors.ts';
import type { Bytes, Json } from '../../../core/json.ts';
import { fit, type ModelAbilities } from '../../../protocols/translate/fit.ts';
import { translatorOf } from '../../../protocols/translate/translators.ts';
import { defaultMaxOutputTokens } from '../../translate/request.ts';
import type { CrossedApi } from './batch.ts';

export interface Crossing {
  readonly from: CrossedApi;
  readonly to: CrossedApi;
  /** The model's name at the provider, and what is known of it. */
  readonly model: string;
  readonly abilities: ModelAbilities | undefined;
  /** Raw headers of the client. */
  readonly headers: readonly string[];
}

export interface Crossed {
  readonly body: Bytes;
  readonly dropped: readonly Dropped[];
}

/** One request of a batch in the provider's API. @throws {GatewayError} `invalid_request` for what cannot be read, or must not be lost */
export function crossedRequest(body: Json, { from, to, model, abilities, headers }: Crossing): Crossed {
  const { call, unread } = translatorOf(from)!.decodeCall(body, { headers });
  // Whether a reply means a call of such a tool is told by the call, which nobody has any more when results are read.
  if (call.tools.some(({ type }) => type === 'custom'))
    throw new GatewayError('invalid_request', 'tools that take free text do not cross in batches: give them a schema', { param: 'tools' });
  const { call: accepted, dropped: refused } = fit({ ...call, stream: false }, abilities ?? {});
  const encoded = translatorOf(to)!.encodeCall(accepted, {
    model,
    defaultMaxOutputTokens: Math.min(abilities?.maxOutputTokens ?? defaultMaxOutputTokens, defaultMaxOutputTokens),
    maxOutputTokens: abilities?.maxOutputTokens,
    stateless: true,
  });
  const unseen = unread.map((path): Dropped => ({ what: `field:${path}`, why: 'no other API has this field' }));
  const streamed: readonly Dropped[] = call.stream ? [{ what: 'field:stream', why: 'batches have no streams' }] : [];
  return { body: encoded.body, dropped: [...refused, ...encoded.dropped, ...unseen, ...streamed] };
}
