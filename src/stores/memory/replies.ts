import type { ReplyStore } from '../../core/stores.ts';
import { checkAmounts, checkId, checkSize } from '../checks.ts';
import { storeLimits } from '../limits.ts';

export interface ReplyLimits {
  /** Of all values together, keys and book-keeping not counted. */
  readonly maxReplyBytes: number;
}

/** Replies in this process, in the order of their last use. */
export function createMemoryReplies({ now, maxReplyBytes }: ReplyLimits & { readonly now: () => number }): ReplyStore {
  const replies = new Map<string, { readonly value: Uint8Array; readonly endsAt: number }>();
  let bytes = 0;
  const remove = (key: string): void => {
    bytes -= replies.get(key)?.value.length ?? 0;
    replies.delete(key);
  };
  return {
    async get(key) {
      const reply = replies.get(key);
      if (!reply || reply.endsAt <= now()) {
        remove(key);
        return undefined;
      }
      replies.delete(key);
      replies.set(key, reply); // last in the order: used last
      return reply.value;
    },
    async put(key, value, ttlMs) {
      checkId(key);
      checkAmounts({ ttlMs });
      checkSize('reply', value.length, Math.min(storeLimits.replyBytes, maxReplyBytes));
      remove(key);
      replies.set(key, { value: Uint8Array.from(value), endsAt: now() + ttlMs });
      bytes += value.length;
      for (const oldest of replies.keys()) {
        if (bytes <= maxReplyBytes) break;
        remove(oldest);
      }
    },
    async delete(key) {
      remove(key);
    },
  };
}
