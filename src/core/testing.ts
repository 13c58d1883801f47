import { bareScope } from './bare-scope.ts';
import { newId } from './id.ts';
import type { Scope } from './pipeline.ts';
import type { LedgerEvent } from './record.ts';

/** A scope for tests of stages: of a client that stays, with what it recorded. */
export function testScope(over: Partial<Scope> = {}): Scope & { readonly recorded: LedgerEvent[] } {
  const recorded: LedgerEvent[] = [];
  const scope = bareScope({
    requestId: newId(Date.now()),
    target: '/v1/chat/completions',
    startedAt: Date.now(),
    startedMonotonicMs: performance.now(),
    record: (event) => void recorded.push(event),
    ...over,
  });
  return { ...scope, recorded };
}
