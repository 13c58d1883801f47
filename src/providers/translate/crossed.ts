import { apis, type ApiId } from '../../core/api.ts';
import type { Call } from '../../core/call.ts';
import type { Dropped } from '../../core/canonical/feature.ts';
import type { Deployment } from '../../core/deployment.ts';
import { GatewayError } from '../../core/errors.ts';
import { parse, type Json } from '../../core/json.ts';
import type { Scope } from '../../core/pipeline.ts';
import type { KnownLists } from '../../protocols/translate/known-lists.ts';
import { plain, readBody, type ReadBody } from '../../protocols/translate/held-texts.ts';

/** @throws {GatewayError} `invalid_request` when it is not JSON */
export const bodyOf = (call: Call): Json => readAs(() => parse<Json>(call.body.whole));

/** The same without the long texts of its messages, where no stage has changed the body. @throws {GatewayError} `invalid_request` when it is not JSON */
export function heldBodyOf(call: Call, known?: KnownLists): ReadBody {
  const { body, received } = call;
  return readAs(() => (body === received.body ? readBody(body.whole, received.outline, { known }) : plain(body.whole)));
}

function readAs<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new GatewayError('invalid_request', 'the body is not JSON', { cause });
  }
}

export interface Arrival {
  readonly deployment: Deployment;
  readonly from: ApiId;
  readonly to: ApiId;
  readonly encoded: { readonly path: string; readonly headers: readonly string[] };
  readonly dropped: readonly Dropped[];
}

/** The scope of a call in the provider's API: another path, no headers of the client's vendor, its credential only within the family. */
export const scopeThere = (scope: Scope, { deployment, from, to, encoded, dropped }: Arrival): Scope => ({
  ...scope,
  deployment,
  target: encoded.path,
  method: 'POST',
  headers: [...headersThere(scope.headers, 'application/json'), ...encoded.headers],
  credentials: apis[from].family === apis[to].family ? scope.credentials : [],
  translated: { from, dropped: dropped.map(({ what }) => what) },
});

/** Headers of the client's own API or vendor, and of the body it sent. A credential of one vendor is never shown to another. */
const ofItsVendor = /^(?:anthropic-|openai-|x-stainless-|x-goog-|x-codex-|x-claude-|chatgpt-|accept|content-|cookie$|x-app$|originator$)/i;

/** A compressed reply could not be translated as it comes. */
export function headersThere(raw: readonly string[], contentType?: string): readonly string[] {
  const kept = raw.filter((_, at) => !ofItsVendor.test(raw[at - (at % 2)]!));
  const typed = contentType === undefined ? [] : ['content-type', contentType];
  return [...kept, ...typed, 'accept', '*/*', 'accept-encoding', 'identity'];
}
