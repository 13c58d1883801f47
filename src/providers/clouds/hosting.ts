import type { ApiId, Family } from '../../core/api.ts';
import type { Call } from '../../core/call.ts';
import { field } from '../../protocols/count.ts';
import { bedrockConverse } from '../../protocols/translate/bedrock-converse/index.ts';
import { googleGenerateContent } from '../../protocols/translate/google-generate-content/index.ts';
import { anthropicMessages } from '../../protocols/translate/anthropic-messages/index.ts';
import type { ProtocolTranslator, ProviderTranslator } from '../../protocols/translate/translator.ts';
import type { PathStyle, Provider } from '../provider.ts';
import { bedrockForm, inForm, vertexCountForm, vertexForm } from './anthropic-form.ts';
import { converseEvents, invokeEvents, type EventForm } from './event-form.ts';

/** What of a cloud's hosting of an API departs from the vendor's own, beside paths and credentials. */
export interface Hosted {
  /** Bodies in the cloud's form. */
  readonly reshape?: (call: Call, headers: readonly string[]) => Call;
  /** Headers of the client that mean nothing there, or would have the reply in a form that cannot be read. */
  readonly withholds?: RegExp;
  /** Errors of the cloud itself, told in the shape of the API's vendor. */
  readonly errors?: CloudErrors;
  /** How a stream in AWS's frames becomes server-sent events. */
  readonly events?: EventForm;
}

export interface CloudErrors {
  readonly from: Pick<ProviderTranslator, 'decodeError'>;
  readonly to: Pick<ProtocolTranslator, 'encodeError'>;
  /** What the vendor itself has said goes on as it is. */
  readonly isOwn: (body: unknown) => boolean;
}

const asAnthropic = (from: CloudErrors['from']): CloudErrors => ({
  from,
  to: anthropicMessages,
  isOwn: (body) => field(body, 'type') === 'error',
});

type Row = { readonly [A in ApiId]?: Hosted };

/** Compressed errors could not be told in the vendor's shape. */
const encodings = /^(?:accept-encoding|anthropic-version)$/i;
const foreign = /^(?:accept|accept-encoding|anthropic-|x-stainless-|x-app$)/i;

const byPaths: { readonly [P in PathStyle]?: Row } = {
  vertex: {
    'anthropic.messages': {
      reshape: (call, headers) => inForm(call, vertexForm, headers),
      withholds: encodings,
      errors: asAnthropic(googleGenerateContent),
    },
    'anthropic.count_tokens': {
      reshape: (call, headers) => inForm(call, vertexCountForm, headers),
      withholds: encodings,
      errors: asAnthropic(googleGenerateContent),
    },
  },
  'bedrock-invoke': {
    'anthropic.messages': {
      reshape: (call, headers) => inForm(call, bedrockForm, headers),
      withholds: foreign,
      errors: asAnthropic(bedrockConverse),
      events: invokeEvents,
    },
  },
};

const byFamily: { readonly [F in Family]?: Row } = {
  bedrock: { 'bedrock.converse': { withholds: foreign, events: converseEvents } },
};

/** `undefined`: nothing departs, bytes pass as they are. */
export function hostedBy({ paths, family }: Pick<Provider, 'paths' | 'family'>, api: ApiId): Hosted | undefined {
  return (paths === undefined ? byFamily[family] : byPaths[paths])?.[api];
}
