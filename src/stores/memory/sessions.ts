import type { SessionStore } from '../../core/stores.ts';
import { checkAmounts, checkId, checkSize } from '../checks.ts';
import { storeLimits } from '../limits.ts';

/** Sessions in this process. When there are too many, the one that was put first goes. */
export function createMemorySessions({
  now,
  max = storeLimits.sessions,
}: {
  readonly now: () => number;
  readonly max?: number;
}): SessionStore {
  const sessions = new Map<string, { readonly value: string; readonly endsAt: number }>();
  return {
    async get(id) {
      const session = sessions.get(id);
      if (session && session.endsAt > now()) return session.value;
      sessions.delete(id);
      return undefined;
    },
    async put(id, value, ttlMs) {
      checkId(id);
      checkAmounts({ ttlMs });
      checkSize('session', Buffer.byteLength(value), storeLimits.sessionBytes);
      sessions.delete(id);
      sessions.set(id, { value, endsAt: now() + ttlMs });
      if (sessions.size > max) sessions.delete(sessions.keys().next().value!);
    },
    async delete(id) {
      sessions.delete(id);
    },
  };
}
