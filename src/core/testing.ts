import { newId } from './id.ts';
import type { Scope } from './pipeline.ts';
import type { LedgerEvent } from './record.ts';

/** A scope for tests of stages: of a client that stays, with what it recorded. */
export function testScope(over: Partial<Scope> = {}): Scope & { readonly recorded: LedgerEvent[] } {
  const recorded: LedgerEvent[] = [];
  return {
    requestId: newId(Date.now()),
    labels: {},
    prompt: undefined,
    key: undefined,
    headers: [],
    credentials: [],
    target: '/v1/chat/completions',
    method: 'POST',
    startedAt: Date.now(),
    startedMonotonicMs: performance.now(),
    client: { closed: false, onClose: () => () => {} },
    onClientAbort: 'cancel',
    attempts: [],
    unsettled: [],
    pending: [],
    atRecord: [],
    annotations: {},
    replyHeaders: [],
    record: (event) => void recorded.push(event),
    recorded,
    ...over,
  };
}
