import type { CanonicalCall } from '../../core/canonical/call.ts';
import { features, type Dropped, type Feature } from '../../core/canonical/feature.ts';
import { GatewayError } from '../../core/errors.ts';
import { featuresOf } from './facts.ts';

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
  const lost: Dropped[] = [];
  for (const feature of featuresOf(call)) {
    const loss = table[feature];
    if (!loss) continue;
    if (isRefused(feature, loss, call)) throw refused(feature, loss.why);
    lost.push({ what: feature, why: loss.why });
  }
  return lost;
}

/** Whether a row refuses this call: a tool that the provider runs is only left out where the model has other tools and may choose. */
export const isRefused = (feature: Feature, { action }: Loss, call: CanonicalCall): boolean =>
  action === 'refuse' && !(feature === 'tool.server' && mayChooseOthers(call));

const mayChooseOthers = ({ tools, toolChoice }: CanonicalCall): boolean =>
  tools.some(({ type }) => type !== 'server') && toolChoice?.type !== 'tool' && toolChoice?.type !== 'allowed';

export const refused = (feature: Feature, why: string): GatewayError =>
  new GatewayError('invalid_request', `the model's provider cannot be given ${features[feature]} (${feature}): ${why}`);
