import { ledgerKinds } from './live/ledger-kinds.ts';

/** A kind of waste, and from when on it is worth a line. */
export interface KindRow {
  readonly title: string;
  /** What to do about it. */
  readonly advice: string;
  /** Fewer calls are chance, not a habit. */
  readonly minCalls: number;
}

/** Sums below this are not told, in nano-USD. */
export const minSavedNano = 1000;

export const kinds = {
  cache_broken: {
    title: 'Prompt cache broken by a changed beginning',
    advice:
      'Keep what changes out of the beginning of the prompt; the prompt repair of the gateway does it without a change of the program.',
    minCalls: 3,
  },
  cache_expired: {
    title: 'Prompt cache cold after a pause',
    advice: 'Ask for the longer lifetime of the cache where pauses are common.',
    minCalls: 2,
  },
  cache_unused: {
    title: 'Same beginning sent again without a prompt cache',
    advice: 'Mark the end of the common beginning with cache_control; the gateway can set the marks.',
    minCalls: 3,
  },
  repeated_call: {
    title: 'Identical calls, answered before',
    advice: 'Let a reply cache answer them.',
    minCalls: 2,
  },
  unused_tool: {
    title: 'Tools sent with every call and never called',
    advice: 'Leave the tool out, or let it be loaded when it is searched for.',
    minCalls: 20,
  },
  stale_result: {
    title: 'Long tool results sent again and again',
    advice: 'Shorten results when they arrive, to head and tail; cutting them later would break the prompt cache.',
    minCalls: 1,
  },
  oversized_model: {
    title: 'A large model for small calls',
    advice: 'Route short questions with short answers to the smaller model; compare the answers first.',
    minCalls: 20,
  },
  loop: {
    title: 'Runaway loops',
    advice: 'Stop a task whose steps repeat; the loop guard of the gateway does.',
    minCalls: 2,
  },
  verbose_output: {
    title: 'Answers that repeat the question or talk around the answer',
    advice: 'Ask for the answer alone, and for changed parts instead of the whole text.',
    minCalls: 10,
  },
  pretty_json: {
    title: 'Indented JSON in tool results',
    advice: 'Write results without indentation when they are made; the model reads the same.',
    minCalls: 3,
  },
  image_detail: {
    title: 'Images at high detail',
    advice: 'Ask for low detail where the picture is looked at as a whole; check the answers.',
    minCalls: 3,
  },
  ...ledgerKinds,
} as const satisfies Readonly<Record<string, KindRow>>;

export type FindingKind = keyof typeof kinds;
