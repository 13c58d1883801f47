import type { Labels } from '../core/record.ts';

/** What rules may ask of a call. Each is worked out when a rule asks for it, and once. */
export interface RouteFacts {
  readonly labels: Labels;
  /** Virtual key, by id. */
  readonly key: string | undefined;
  /** As the client named it, or as a budget has made it. */
  readonly model: string;
  /** Estimate of the prompt; `undefined`: nobody weighed it. */
  readonly inputTokens: number | undefined;
  /** ISO 639-1; `undefined`: the text is too short to tell. */
  readonly language: string | undefined;
  readonly hasTools: boolean;
  readonly hasImages: boolean;
  /** Label by the configuration's own names; `undefined`: nothing was found. */
  readonly sensitivity: string | undefined;
  /** Epoch ms. */
  readonly nowMs: number;
  /** By lower-case name, of those that go to the provider. */
  readonly header: (name: string) => string | undefined;
  /** Percent of a budget that are left for the caller of this call; `undefined`: the budget is not for it, or nobody knows. */
  readonly budgetLeft: (budget: string) => number | undefined;
}
