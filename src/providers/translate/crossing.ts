import type { ApiId } from '../../core/api.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Deployment } from '../../core/deployment.ts';
import type { Dialect } from '../../protocols/dialect.ts';
import type { ModelAbilities } from '../../protocols/translate/fit.ts';
import { isTranslated, providerTranslatorOf } from '../../protocols/translate/translators.ts';
import type { ProviderTranslator } from '../../protocols/translate/translator.ts';

/** What of a provider decides how it is spoken to. */
export interface Speech {
  /** Chat APIs it serves; calls of other APIs are translated into the first. */
  readonly apis: readonly ApiId[];
  readonly dialect: Dialect & { readonly streamUsage?: 'ask' | 'always' | 'never' | undefined };
}

/** Where a call goes, as far as translation asks. */
export interface Destination {
  readonly speech: Speech;
  readonly deployment: Deployment;
  readonly abilities?: ModelAbilities | undefined;
}

/** What translates a call into an API of the provider; `undefined` when the provider serves the client's own, or the call is none that can be translated. @throws {GatewayError} `model_not_found` */
export function crossingOf(api: ApiId, { apis }: Speech): ProviderTranslator | undefined {
  if (apis.includes(api) || !isTranslated(api)) return undefined;
  const into = apis.map(providerTranslatorOf).find((translator) => translator !== undefined);
  if (!into)
    throw new GatewayError('model_not_found', `the provider serves none of the APIs that ${api} can be translated into`, {
      param: 'model',
    });
  return into;
}
