import type { CallRecord } from '../core/record.ts';
import type { NanoUsd } from '../core/usage.ts';

/** A call that went well, in one attempt; what a test is about is given. */
export function callRecord(more: Partial<CallRecord> = {}): CallRecord {
  const usage = {
    buckets: { input: 100, cacheRead: 40, cacheWrite5m: 10, output: 20, reasoning: 5 },
    source: 'provider',
    flags: [],
    raw: undefined,
  } as const;
  const cost = { total: 1_500_000 as NanoUsd, byBucket: {}, status: 'exact', flags: [], priceVersion: 'v1' } as const;
  return {
    type: 'call',
    id: '019ab0d5-7a00-7000-8abc-0123456789ab',
    at: 1_790_000_000_000,
    api: 'openai.chat',
    operation: 'chat',
    labels: { app: 'shop', user: 'u1', session: 's1' },
    requestModel: 'gpt-5-mini',
    model: 'gpt-5-mini-2025-08-07',
    provider: 'openai',
    hosting: 'api',
    stream: false,
    outcome: 'ok',
    status: 200,
    buckets: usage.buckets,
    usageSource: 'provider',
    flags: [],
    cost,
    attempts: [
      {
        provider: 'openai',
        hosting: 'api',
        requestModel: 'gpt-5-mini',
        model: 'gpt-5-mini-2025-08-07',
        responseId: 'resp-1',
        status: 200,
        outcome: 'ok',
        finishReason: 'stop',
        usage,
        served: {},
        cost,
        at: 1_790_000_000_010,
        timeToFirstByteMs: 100,
        durationMs: 400,
      },
    ],
    durationMs: 420,
    timeToFirstByteMs: 110,
    requestBytes: 10,
    replyBytes: 10,
    ...more,
  };
}
