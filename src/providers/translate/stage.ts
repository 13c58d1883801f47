import type { Stage } from '../../core/pipeline.ts';
import type { Reply } from '../../core/reply.ts';
import type { ProviderTranslator } from '../../protocols/translate/translator.ts';
import { translatorOf } from '../../protocols/translate/translators.ts';
import type { Deployment } from '../../core/deployment.ts';
import type { ResponseState } from '../../protocols/translate/openai-responses/state.ts';
import type { ModelAbilities } from '../../protocols/translate/fit.ts';
import { crossingOf, type Speech } from './crossing.ts';
import type { Call } from '../../core/call.ts';
import type { Scope } from '../../core/pipeline.ts';
import { KnownLists } from '../../protocols/translate/known-lists.ts';
import { translateReply } from './reply.ts';
import { translateCall } from './request.ts';

export interface TranslateOptions {
  /** How the provider of a call is spoken to. */
  readonly speechOf: (call: Call, scope: Scope) => Speech;
  readonly deploymentOf: (call: Call, scope: Scope) => Deployment;
  /** What is known of the model there; left out, every setting is sent. */
  readonly abilitiesOf?: (deployment: Deployment) => ModelAbilities | undefined;
  /** What clients go on from where their provider keeps nothing. */
  readonly state: ResponseState;
  /** Bytes of a whole reply, and of one event of a stream, at most. */
  readonly maxReplyBytes: number;
  readonly maxEventBytes: number;
}

/**
 * Translates calls whose provider does not speak their API, and the replies back. Below the choice of the provider and above the meter:
 * the meter sees the provider's own call and bytes, the client its own API. Other calls pass untouched.
 */
export function translate(options: TranslateOptions): Stage {
  const { speechOf, deploymentOf, abilitiesOf, state, maxReplyBytes, maxEventBytes } = options;
  const known = new KnownLists();
  return {
    name: 'translate',
    kind: 'guard', // without it the provider could not read the call
    wrap: (next) => {
      const cross = async (call: Call, scope: Scope, speech: Speech, to: ProviderTranslator): Promise<Reply> => {
        const from = translatorOf(call.api)!;
        const deployment = deploymentOf(call, scope);
        const destination = { speech, deployment, abilities: abilitiesOf?.(deployment) };
        const translated = translateCall(call, scope, { from, to, destination, state, known });
        const reply = await next(translated.call, translated.scope);
        return translateReply(reply, { from, to, destination, translated, scope, maxReplyBytes, maxEventBytes });
      };
      return (call, scope) => {
        const speech = speechOf(call, scope);
        const crossing = crossingOf(call.api, speech);
        return crossing ? cross(call, scope, speech, crossing) : next(call, scope); // not async: most calls pass
      };
    },
  };
}
