import { useState } from 'react';
import { ApiError } from '../api/client.ts';

export interface Act {
  readonly run: (work: () => Promise<void>) => void;
  readonly error: ApiError | undefined;
  readonly isBusy: boolean;
}

/** Something that changes the gateway: one at a time, its error kept to be shown. */
export function useAct(): Act {
  const [error, setError] = useState<ApiError>();
  const [isBusy, setBusy] = useState(false);
  const run = (work: () => Promise<void>): void => {
    setBusy(true);
    setError(undefined);
    work()
      .catch((thrown: unknown) => setError(thrown instanceof ApiError ? thrown : new ApiError(0, 'defect', String(thrown))))
      .finally(() => setBusy(false));
  };
  return { run, error, isBusy };
}
