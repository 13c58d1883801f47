import type { CanonicalCall } from '../../core/canonical/call.ts';
import { features, type Dropped, type Feature } from '../../core/canonical/feature.ts';
import { GatewayError } from '../../core/errors.ts';
import { factsOf } from './facts.ts';

/**
 * What happens to a feature that an API cannot carry. `refuse`: the answer would not be what was asked for.
 * `drop`: it is left out. `convert`: something near it is sent.
 */
export interface Loss {
  readonly action: 'refuse' | 'drop' | 'convert';
  /** A clause for people: `Anthropic has no seed`. */
  readonly why: string;
}

export type LossTable = { readonly [F in Feature]?: Loss };

/** What of a call goes lost by a table. @throws {GatewayError} `invalid_request` when a row says so. */
export function lossesOf(call: CanonicalCall, table: LossTable): readonly Dropped[] {
  const used = new Set(factsOf(call).map(({ feature }) => feature));
  return [...used].flatMap((feature) => {
    const loss = table[feature];
    if (!loss) return [];
    if (loss.action === 'refuse') throw refused(feature, loss.why);
    return [{ what: feature, why: loss.why }];
  });
}

export const refused = (feature: Feature, why: string): GatewayError =>
  new GatewayError('invalid_request', `the model's provider cannot be given ${features[feature]} (${feature}): ${why}`);
