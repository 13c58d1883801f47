import type { Family } from '../../core/api.ts';
import type { EmulatorState } from '../state.ts';
import { VendorError } from '../wire/errors.ts';
import type { Batch } from './batch.ts';

/** @throws {VendorError} 404 */
export function kept(state: EmulatorState, family: Family, id: string): Batch {
  const batch = state.batches.get(id);
  if (batch?.family === family) return batch;
  throw new VendorError(404, `no batch ${id}`);
}

export function stateOf({ now }: EmulatorState, { endsAt, canceledAt }: Batch): 'running' | 'canceled' | 'done' {
  if (canceledAt !== undefined) return 'canceled';
  return now() < endsAt ? 'running' : 'done';
}
