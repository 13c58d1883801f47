import type { ApiId } from '../../core/api.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Deployment } from '../../core/deployment.ts';
import type { Dialect } from '../../protocols/dialect.ts';
import type { ModelAbilities } from '../../protocols/translate/fit.ts';
import { isTranslated } from '../../protocols/translate/translators.ts';
import type { TranslatedApi } from '../../protocols/translate/translator.ts';

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

/** The API to translate a call into; `undefined` when the provider serves the client's own, or the call is none that can be translated. @throws {GatewayError} `model_not_found` */
export function crossingOf(api: ApiId, { apis }: Speech): TranslatedApi | undefined {
  if (apis.includes(api) || !isTranslated(api)) return undefined;
  const into = apis.find(isTranslated);
  if (!into)
    throw new GatewayError('model_not_found', `the provider serves none of the APIs that ${api} can be translated into`, {
      param: 'model',
    });
  return into;
}
