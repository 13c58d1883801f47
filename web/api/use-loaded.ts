import { useEffect, useState } from 'react';
import { ApiError } from './client.ts';

/** Something asked of the API: what it was the last time stays while it is asked anew. */
export interface Loaded<T> {
  readonly value: T | undefined;
  readonly error: ApiError | undefined;
  readonly isLoading: boolean;
  /** Asks again. */
  readonly reload: () => void;
}

interface State<T> {
  readonly key: string;
  readonly value?: T;
  readonly error?: ApiError;
}

/** `key`: what is asked for; another key asks anew. `everyMs`: asks again that often while the page is seen. `undefined` asks for nothing. */
export function useLoaded<T>(key: string | undefined, load: (signal: AbortSignal) => Promise<T>, everyMs?: number): Loaded<T> {
  const [state, setState] = useState<State<T>>({ key: '' });
  const [turn, setTurn] = useState(0);
  const reload = (): void => setTurn((before) => before + 1);
  useEffect(() => {
    if (key === undefined) return undefined;
    const abort = new AbortController();
    load(abort.signal).then(
      (value) => !abort.signal.aborted && setState({ key, value }),
      (error: unknown) => {
        if (abort.signal.aborted) return;
        const known = error instanceof ApiError ? error : new ApiError(0, 'defect', String(error));
        setState((before) => ({ key, error: known, ...(before.key === key && before.value !== undefined && { value: before.value }) }));
      },
    );
    return () => abort.abort();
    // `load` is made anew with each render; `key` says when it asks for something else.
  }, [key, turn]);
  useEffect(() => {
    if (everyMs === undefined) return undefined;
    const timer = setInterval(() => document.visibilityState === 'visible' && reload(), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return { value: state.value, error: state.key === key ? state.error : undefined, isLoading: state.key !== key, reload };
}
