import type { VirtualKey } from '../core/stores.ts';

/** What the admin API and the command line show of a key: all but its hashes. */
export interface KeyView extends Omit<VirtualKey, 'hash' | 'former'> {
  readonly state: 'active' | 'expired' | 'revoked';
  /** Until when the former secret goes on, epoch ms. */
  readonly formerUntil?: number;
}

export function viewOf(virtualKey: VirtualKey, now: number): KeyView {
  const { hash: _, former, ...key } = virtualKey;
  const isExpired = key.expiresAt !== undefined && now >= key.expiresAt;
  return {
    ...key,
    state: key.revokedAt !== undefined ? 'revoked' : isExpired ? 'expired' : 'active',
    ...(former && former.until > now && { formerUntil: former.until }),
  };
}
