import type { Call } from './call.ts';
import type { Scope, Stage } from './pipeline.ts';
import type { Saving } from './record.ts';

/** `observe`: it is worked out and recorded, and the call goes on as it was. */
export type SavingMode = 'off' | 'observe' | 'on';
/** How a saving runs for a call: by configuration, route and hold-out, and by whether it has switched itself back. */
export type ModeOf = (saving: string, call: Call, scope: Scope) => SavingMode;

/** A call as a saving would send it. */
export interface Shaped {
  readonly call: Call;
  /** What that is worth, as far as it can be told before the call. */
  readonly savings: readonly Omit<Saving, 'stage' | 'mode'>[];
  /** Marks for the record, such as what was found wrong. */
  readonly signals?: readonly string[];
}

/** A saving that works by changing the call. */
export interface Shaper {
  readonly name: string;
  /** `undefined`: nothing to do; then the call goes on byte for byte. Must not change the scope. */
  readonly shape: (call: Call, scope: Scope) => Shaped | undefined;
}

/** The stage of a shaper: in `observe` it only records, held out or off it does nothing. */
export function shaping({ name, shape }: Shaper, modeOf: ModeOf): Stage {
  return {
    name,
    kind: 'saving',
    wrap: (next) => (call, scope) => {
      const mode = modeOf(name, call, scope);
      const shaped = mode === 'off' ? undefined : shape(call, scope);
      if (!shaped || mode === 'off') return next(call, scope);
      noteSavings(scope, name, mode, shaped);
      return next(mode === 'on' ? shaped.call : call, scope);
    },
  };
}

/** Writes what a saving did, or would have done, into the record. */
export function noteSavings(
  { annotations }: Pick<Scope, 'annotations'>,
  stage: string,
  mode: 'observe' | 'on',
  { savings, signals = [] }: Pick<Shaped, 'savings' | 'signals'>,
): void {
  for (const saving of savings) (annotations.savings ??= []).push({ stage, mode, ...saving });
  if (signals.length > 0) (annotations.signals ??= []).push(...signals);
}
