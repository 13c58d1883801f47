import type { OutputLimits } from '../core/output-limits.ts';
import type { SavingModes } from '../savings/registry.ts';
import type { RouteMatch } from './match.ts';
import type { TableRow } from './table.ts';

/** Where a rule sends a call: one model, one of several by weight, or the cheapest of a table that is good enough. */
export interface RouteUse {
  readonly model?: string | undefined;
  readonly split?: readonly Share[] | undefined;
  readonly fromTable?: TableUse | undefined;
}

export interface Share {
  readonly model: string;
  readonly weight: number;
}

export interface TableUse {
  /** Left out: the feature of the call. */
  readonly task?: string | undefined;
  readonly minQuality: number;
  readonly rows: readonly TableRow[];
}

/** One rule of the configuration. The first that is for a call counts. */
export interface RouteRule {
  readonly name: string;
  readonly match: RouteMatch;
  /** Left out: the client's model stays, and only limits and stages count. */
  readonly use?: RouteUse | undefined;
  readonly limits?: OutputLimits | undefined;
  /** Modes of savings for the calls of this rule, by option. */
  readonly stages?: SavingModes | undefined;
  /** `observe`: it is recorded that the rule would have fired, and the rules behind it are asked. */
  readonly mode: 'observe' | 'on';
  /** A call the rule is for goes to its model or nowhere. */
  readonly required: boolean;
}
