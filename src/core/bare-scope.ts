import type { Closable, Scope } from './pipeline.ts';

/** The client of a call that nobody waits for: it never leaves. */
export const nobody: Closable = { closed: false, onClose: () => () => {} };

/** What stages write into a scope, with nothing in it yet. */
export const unwritten = (): Pick<Scope, 'attempts' | 'unsettled' | 'pending' | 'atRecord' | 'annotations' | 'drawn' | 'replyHeaders'> => ({
  attempts: [],
  unsettled: [],
  pending: [],
  atRecord: [],
  annotations: {},
  drawn: undefined,
  replyHeaders: [],
});

/** The scope of a call that no request brought: what is not given is unknown, and nothing is recorded. */
export const bareScope = (given: Partial<Scope> = {}): Scope => ({
  requestId: 'none',
  labels: {},
  prompt: undefined,
  key: undefined,
  headers: [],
  credentials: [],
  target: '/',
  method: 'POST',
  startedAt: 0,
  startedMonotonicMs: 0,
  client: nobody,
  onClientAbort: 'cancel',
  ...unwritten(),
  record: () => {},
  ...given,
});
