import type { Hosting } from './api.ts';

/** One place a call can go to: a model at a provider, under one credential. */
export interface Deployment {
  /** `provider/model`; with `#n` behind it where the target has a key of its own. Unique in a configuration. */
  readonly id: string;
  /** Name of the provider in the configuration. */
  readonly provider: string;
  /** Where the provider runs; left out, nobody knows, and confined calls do not go there. */
  readonly hosting?: Hosting;
  /** The provider's own name of the model. */
  readonly model: string;
  /** Share of the calls under the balance `weight`. */
  readonly weight: number;
  /** USD per million tokens of input plus the same of output; `undefined`: unknown. */
  readonly price: number | undefined;
  /** Keys the provider may be asked with; another one is tried after a 429. */
  readonly keys: number;
  /** The gateway's own key goes there, not the client's: a refusal of it is not the client's fault. */
  readonly ownKey: boolean;
}

export const balances = ['order', 'weight', 'latency', 'cost'] as const;
/** How calls are spread over deployments. */
export type Balance = (typeof balances)[number];

/** Where the calls for one model name may go. */
export interface Plan {
  /** Equal in what they serve; never empty. */
  readonly targets: readonly Deployment[];
  readonly balance: Balance;
  /** Asked in this order when the targets fail. */
  readonly fallbacks: readonly Deployment[];
  /** Asked instead when a prompt does not fit. */
  readonly onContextOverflow: readonly Deployment[];
  /** Asked instead when a content filter refuses. */
  readonly onContentFilter: readonly Deployment[];
}

/** Whether there is one place only: then nothing is chosen, and its health is not followed. */
export const isAlone = ({ targets, fallbacks, onContextOverflow, onContentFilter }: Plan): boolean =>
  targets.length === 1 && fallbacks.length === 0 && onContextOverflow.length === 0 && onContentFilter.length === 0;
