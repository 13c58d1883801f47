import { apis, type Family } from '../../core/api.ts';
import { Body } from '../../core/body.ts';
import { Call } from '../../core/call.ts';
import type { EmbeddingCall } from '../../core/canonical/embedding.ts';
import type { Dropped } from '../../core/canonical/feature.ts';
import type { Deployment } from '../../core/deployment.ts';
import { GatewayError } from '../../core/errors.ts';
import { jsonBytes } from '../../core/json.ts';
import type { Scope, Stage } from '../../core/pipeline.ts';
import { Reply } from '../../core/reply.ts';
import { callCodecs } from '../../protocols/codecs.ts';
import type { EmbeddingTranslator } from '../../protocols/translate/embeddings/translator.ts';
import { embeddingsOf, embeddingTranslatorOf } from '../../protocols/translate/embeddings/translators.ts';
import { unreadable } from '../../protocols/translate/embeddings/vectors.ts';
import { collected } from './collect.ts';
import { bodyOf, scopeThere } from './crossed.ts';
import { failedReply, flowOf, mustBePlain, notes } from './reply-parts.ts';
import { maxErrorBytes } from './reply.ts';

export interface TranslateEmbeddingsOptions {
  /** The family of APIs that the provider of a call speaks. */
  readonly familyOf: (call: Call, scope: Scope) => Family;
  readonly deploymentOf: (call: Call, scope: Scope) => Deployment;
  /** Bytes of a reply at most. */
  readonly maxReplyBytes: number;
}

/** Translates calls for embeddings whose provider does not speak their API, and the replies back; stands where `translate` stands for chat. */
export function translateEmbeddings({ familyOf, deploymentOf, maxReplyBytes }: TranslateEmbeddingsOptions): Stage {
  return {
    name: 'translate-embeddings',
    kind: 'guard', // without it the provider could not read the call
    wrap: (next) => {
      const cross = async (call: Call, scope: Scope, from: EmbeddingTranslator, family: Family): Promise<Reply> => {
        const to = embeddingsOf[family];
        if (!to)
          throw new GatewayError('model_not_found', `the provider of this model speaks the ${family} API, which has no embeddings`, {
            param: 'model',
          });
        const translated = translateCall(call, scope, { from, to, deployment: deploymentOf(call, scope) });
        const reply = await next(translated.call, translated.scope);
        return translateReply(reply, { from, to, ...translated, scope }, maxReplyBytes);
      };
      return (call, scope) => {
        const from = embeddingTranslatorOf(call.api);
        if (!from) return next(call, scope);
        const family = familyOf(call, scope);
        if (family !== apis[call.api].family) return cross(call, scope, from, family);
        return next(from.renamed?.(call, deploymentOf(call, scope).model) ?? call, scope);
      };
    },
  };
}

interface Pair {
  readonly from: EmbeddingTranslator;
  readonly to: EmbeddingTranslator;
}

function translateCall(received: Call, scope: Scope, { from, to, deployment }: Pair & { readonly deployment: Deployment }) {
  const { call: canonical, unread } = from.decodeCall(bodyOf(received), received.model);
  const encoded = to.encodeCall(canonical, deployment.model);
  const dropped = [...encoded.dropped, ...unread.map((path): Dropped => ({ what: `field:${path}`, why: 'no other API has this field' }))];
  const call = Call.received(received.id, {
    codec: callCodecs[to.api],
    body: new Body([encoded.body]),
    given: { model: deployment.model },
  });
  return { canonical, dropped, call, scope: scopeThere(scope, { deployment, from: from.api, to: to.api, encoded, dropped }) };
}

interface Translation extends Pair {
  readonly scope: Scope;
  readonly canonical: EmbeddingCall;
  readonly dropped: readonly Dropped[];
}

async function translateReply(reply: Reply, { from, to, scope, canonical, dropped }: Translation, maxReplyBytes: number): Promise<Reply> {
  const { status } = reply.head;
  if (status >= 400) {
    const error = to.decodeError(status, await collected(reply, scope, maxErrorBytes));
    return failedReply(reply, { encodeError: from.encodeError, requestId: scope.requestId, dropped }, error);
  }
  mustBePlain(reply);
  const embedded = to.decodeReply(await collected(reply, scope, maxReplyBytes));
  if (embedded.vectors.length !== canonical.inputs.length)
    throw unreadable(`${embedded.vectors.length} embeddings for ${canonical.inputs.length} texts`);
  const body = jsonBytes(from.encodeReply(embedded, canonical));
  const headers = ['content-type', 'application/json', 'content-length', String(body.length), ...notes(reply, from.api, dropped)];
  return new Reply(reply.servedBy, { status, headers }, flowOf(body));
}
