import type { SavingMode } from '../core/shaping.ts';

interface SavingEntry {
  /** As the option under `savings.stages`. */
  readonly key: string;
  /** As the stage calls itself: in records, reports and the admin API. */
  readonly stage: string;
  readonly initial: SavingMode;
  readonly about: string;
  /** An operator's rule: never held out, and no client can take its call out of it. */
  readonly isRule?: boolean;
}

/**
 * All savings, one line each. On by default is what leaves every token that the model sees as it is and pays by the provider's own
 * price list. What rearranges a prompt, or can give another answer, is off until somebody asks for it.
 */
export const savings = [
  {
    key: 'promptRepair',
    stage: 'prompt-repair',
    initial: 'off',
    about:
      "Repairs what breaks the provider's prompt cache. It remembers every prompt and changes bytes of them: observe first what it would do.",
  },
  {
    key: 'promptCache',
    stage: 'prompt-cache',
    initial: 'on',
    about: "Marks prompts for the provider's cache where the arithmetic pays. The model sees the same tokens.",
  },
  {
    key: 'keepWarm',
    stage: 'keep-warm',
    initial: 'off',
    about:
      'Reads a paused prompt once more before the cache of its provider drops it, where that is likely to pay. It makes calls of its own.',
  },
  {
    key: 'exactCache',
    stage: 'exact-cache',
    initial: 'off',
    about: 'Answers a repeated request with the reply it got before. Whether a former reply will do is for you to say.',
  },
  {
    key: 'stepReuse',
    stage: 'step-reuse',
    initial: 'off',
    about: 'Answers a call that a task has made before with the reply it got then, whatever its temperature.',
  },
  { key: 'outputLimits', stage: 'output-limits', initial: 'off', about: 'Limits on output and reasoning. They change answers.' },
  {
    key: 'routes',
    stage: 'routes',
    initial: 'on',
    about: 'Your own rules that choose a model. Nobody is held out of them, for they may have other reasons than money.',
    isRule: true,
  },
] as const satisfies readonly SavingEntry[];

export type SavingKey = (typeof savings)[number]['key'];
export type SavingStage = (typeof savings)[number]['stage'];
/** Modes of some savings, by option. */
export type SavingModes = { readonly [K in SavingKey]?: SavingMode | undefined };

/** The stage of a saving named by its option or by its stage. */
export const stageOf = (name: string): SavingStage | undefined => savings.find(({ key, stage }) => key === name || stage === name)?.stage;
