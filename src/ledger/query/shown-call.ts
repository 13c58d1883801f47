import type { StoredCall } from '../calls.ts';
import { usd } from '../money.ts';

/** A call as the API tells it: the record as it was, and the cost that counts now. */
export const shownCall = <C extends StoredCall>(call: C): C & { readonly costUsd: string | null } => {
  const total = call.repriced ? call.repriced.cost : call.record.cost.total;
  return { ...call, costUsd: total === null ? null : usd(BigInt(total)) };
};
