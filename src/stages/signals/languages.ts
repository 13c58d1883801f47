import type { Call } from '../../core/call.ts';
import { perSecond } from '../../core/per-second.ts';
import type { Scope } from '../../core/pipeline.ts';

export interface LanguageOptions {
  /** Language of what the user said last, ISO 639-1. Takes some 0.2 ms. */
  readonly languageOf: (call: Call) => string | undefined;
  /** Conversations whose language is found out in a second, at most; others have none until they come again. */
  readonly maxPerSecond: number;
  /** Sessions and users remembered, at most. */
  readonly maxRemembered: number;
  /** Monotonic ms. */
  readonly now: () => number;
}

export interface Languages {
  readonly of: (call: Call, scope: Scope) => string | undefined;
}

/** Languages of calls: found out once for a session, or for a user where there is no session. */
export function createLanguages({ languageOf, maxPerSecond, maxRemembered, now }: LanguageOptions): Languages {
  const known = new Map<string, string>();
  const mayLook = perSecond(maxPerSecond, now);
  return {
    of(call, { key, labels: { app, user, session } }) {
      const whose = session === undefined && user === undefined ? undefined : `${key}\n${app}\n${user}\n${session}`;
      const remembered = whose === undefined ? undefined : known.get(whose);
      if (remembered !== undefined) return remembered;
      const language = mayLook() ? languageOf(call) : undefined;
      if (whose === undefined || language === undefined) return language;
      if (known.size >= maxRemembered) known.delete(known.keys().next().value!);
      known.set(whose, language);
      return language;
    },
  };
}
