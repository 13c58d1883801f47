import { priceAttempt } from '../../catalog/attempt.ts';
import { createCatalog } from '../../catalog/catalog.ts';
import type { Attempt, CallRecord } from '../../core/record.ts';
import { call } from '../../ledger/fixtures.ts';
import { ledgerCall } from '../read/ledger.ts';
import { createLiveAudit, type LiveResult } from './live-audit.ts';

export const catalog = createCatalog();
export const claude = 'claude-opus-5-5';
export const gpt = 'gpt-5.5';
/** USD a token, by the vendors' price lists of that day. */
export const rates = {
  [claude]: { input: 4e-6, output: 20e-6, write: 5e-6, read: 0.2e-6 },
  [gpt]: { input: 5e-6, output: 30e-6, write: 5e-6, read: 0.5e-6 },
} as const;
export type Model = keyof typeof rates;
export const start = Date.UTC(2026, 10, 2, 9);

/** A call of a model as a gateway would have recorded it, at its price. */
export function recorded(model: Model, changes: Partial<CallRecord> & { readonly requestTier?: string } = {}): CallRecord {
  const provider = model === claude ? 'anthropic' : 'openai';
  const record = call({ at: start, model, requestModel: model, provider, api: provider === 'openai' ? 'openai.chat' : 'anthropic.messages', finishReason: 'stop', ...changes }); // prettier-ignore
  const usage = { buckets: record.buckets, source: 'provider', flags: [], raw: undefined } as const;
  const served = changes.attempts?.at(-1)?.served ?? {};
  const cost = priceAttempt(catalog, { provider, hosting: 'api', requestModel: model, model, usage, served, at: record.at });
  const attempt = { provider, model, requestModel: model, finishReason: record.finishReason, usage, served, cost } as unknown as Attempt;
  return { ...record, cost: changes.cost ?? cost, attempts: changes.attempts ?? [attempt] };
}

interface Plan {
  readonly sessions?: number;
  readonly turns?: number;
  readonly app?: string;
}

/** Agents as they should be: prompts that grow, a cache that is read, tools that are called, answers of usual length. */
export function traffic(model: Model, { sessions = 12, turns = 10, app = 'shop' }: Plan = {}): CallRecord[] {
  return Array.from({ length: sessions }, (_, session) =>
    Array.from({ length: turns }, (_, turn) => {
      const before = turn === 0 ? 0 : 6000 + (turn - 1) * 500;
      const fresh = turn === 0 ? 6000 : 500;
      return recorded(model, {
        at: start + session * 3_600_000 + turn * 20_000,
        labels: { app, session: `s${session}`, user: `u${session % 4}` },
        finishReason: turn === turns - 1 ? 'stop' : 'tool_calls',
        buckets: model === claude ? { cacheRead: before, cacheWrite5m: fresh, output: 150 + ((turn * 37) % 80) } : { input: fresh, cacheRead: before, output: 150 + ((turn * 37) % 80) }, // prettier-ignore
        parts: { system: 1500, tools: 2000, history: before, user: 200 },
      });
    }),
  ).flat();
}

/** What is found in calls, in the order of their times. */
export function found(records: readonly CallRecord[]): LiveResult {
  const audit = createLiveAudit(catalog);
  for (const [sequence, record] of records.toSorted((left, right) => left.at - right.at).entries()) audit.see(ledgerCall({ sequence, record })); // prettier-ignore
  return audit.result();
}
