import type { Family } from '../../core/api.ts';
import type { MarkTtl, Prompt } from '../prompt/prompt.ts';
import { readAutomatic } from './automatic.ts';
import { readBreakpoints } from './breakpoints.ts';
import { readOptions, type CacheOptions } from './options.ts';
import { link, PrefixStore } from './prefix-store.ts';
import { cacheRule, type CacheRule } from './rules.ts';

/** The input of one call as the vendor's cache split it: parts that never overlap and sum to the prompt. */
export interface InputUsage {
  readonly fresh: number;
  readonly read: number;
  readonly written: { readonly [T in MarkTtl]?: number };
}

export interface CacheOutcome {
  readonly usage: InputUsage;
  /** Makes what this call writes readable for others: when its reply begins, not before. */
  readonly commit: () => void;
}

/** One call's view of the cache. */
export interface CacheRequest {
  readonly prompt: Prompt;
  readonly rule: CacheRule;
  readonly store: PrefixStore;
  /** First link: vendor, model and credential. */
  readonly root: string;
  readonly options: CacheOptions;
}

const modes: Readonly<Record<CacheRule['mode'], (request: CacheRequest) => CacheOutcome>> = {
  automatic: readAutomatic,
  breakpoints: readBreakpoints,
  options: readOptions,
};

/** The prompt caches of all vendors, apart per model and credential. */
export class PromptCache {
  readonly #store: PrefixStore;
  readonly #now: () => number;

  constructor(max: number, now: () => number) {
    this.#store = new PrefixStore(max, now);
    this.#now = now;
  }

  account(vendor: Family, model: string, credential: string, prompt: Prompt, options: CacheOptions): CacheOutcome {
    const rule = cacheRule(vendor, model, this.#now());
    if (!rule) return { usage: { fresh: prompt.tokens, read: 0, written: {} }, commit: () => {} };
    return modes[rule.mode]({ prompt, rule, store: this.#store, root: link(`${vendor} ${model}`, credential), options });
  }

  clear(): void {
    this.#store.clear();
  }
}
