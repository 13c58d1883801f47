import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { balances } from '../../core/deployment.ts';
import type { Resilience } from './create.ts';
import { deployment, planOf, stand, type Act, type Answer } from './testing.ts';
import { untouchedMs } from './verdict.ts';

const sse = ['content-type', 'text/event-stream'];

/** Everything a deployment may do, good answers among it. */
const act: fc.Arbitrary<Act> = fc.record(
  {
    status: fc.constantFrom(200, 200, 200, 400, 401, 404, 408, 409, 425, 429, 500, 502, 503, 504, 520, 529),
    headers: fc.constantFrom([], sse, ['retry-after', '1'], ['retry-after', '100'], ['x-should-retry', 'false']),
    chunks: fc.constantFrom(
      ['answer'],
      [],
      ['data: {"error":{}}\n\n'],
      ['data: {}\n\n', 'data: [DONE]\n\n'],
      ['{"code":"context_length_exceeded"}'],
    ),
    throws: fc.option(fc.constantFrom('provider_unreachable', 'provider_timeout', 'provider_error', 'overloaded', 'internal'), {
      nil: undefined,
      freq: 2,
    }),
    breaksOff: fc.boolean(),
    latencyMs: fc.constantFrom(0, 10, 1000, 20_000),
    cost: fc.constantFrom(null, 0, 7),
  },
  { requiredKeys: [] },
) as fc.Arbitrary<Act>;

const paidStatuses = new Set([200, 504]);

/** Whether a provider may bill it, as a provider would see it. */
const mayBePaid = (told: Act): boolean => {
  if (told.throws === 'provider_error') return (told.latencyMs ?? 0) > untouchedMs;
  return told.throws ? told.throws === 'provider_timeout' : paidStatuses.has(told.status ?? 200);
};

const setting = fc.record({
  targets: fc.integer({ min: 1, max: 4 }),
  fallbacks: fc.integer({ min: 0, max: 2 }),
  hasOverflow: fc.boolean(),
  balance: fc.constantFrom(...balances),
  keys: fc.integer({ min: 1, max: 3 }),
  maxAttempts: fc.integer({ min: 1, max: 6 }),
  maxPaidAttempts: fc.integer({ min: 1, max: 3 }),
  spareAttempts: fc.integer({ min: 0, max: 2 }),
  isHedging: fc.boolean(),
  isStream: fc.boolean(),
  acts: fc.array(act, { minLength: 1, maxLength: 30 }),
  calls: fc.integer({ min: 1, max: 6 }),
});

const named = (prefix: string, count: number, keys = 1) =>
  Array.from({ length: count }, (_, at) => deployment(`${prefix}${at}/m`, { keys }));

test('whatever the providers do: bounded attempts, one reply, every attempt recorded, nothing left open', async () => {
  await fc.assert(
    fc.asyncProperty(setting, async (set) => {
      let at = 0;
      const done: Act[] = [];
      const tried = stand({
        plan: planOf(named('t', set.targets, set.keys), {
          balance: set.balance,
          fallbacks: named('f', set.fallbacks),
          onContextOverflow: set.hasOverflow ? named('o', 1) : [],
        }),
        resilience: {
          maxAttempts: set.maxAttempts,
          maxPaidAttempts: set.maxPaidAttempts,
          spareAttempts: set.spareAttempts,
          hedge: { enabled: set.isHedging, percentile: 50, minSamples: 2, maxExtraCostShare: 1 },
        },
        act: () => {
          const told = set.acts[at++ % set.acts.length]!;
          done.push(told);
          return told;
        },
      });
      for (let call = 0; call < set.calls; call += 1) {
        done.length = 0;
        check(await tried.call({ stream: set.isStream }), done, set);
      }
      for (const { inFlight } of Object.values(tried.states())) assert.equal(inFlight, 0);
    }),
    { numRuns: 400 },
  );
});

function check(
  answer: Answer,
  done: readonly Act[],
  { maxAttempts, maxPaidAttempts, spareAttempts }: Pick<Resilience, 'maxAttempts' | 'maxPaidAttempts' | 'spareAttempts'>,
): void {
  assert.ok(answer.asked.length >= 1 && answer.asked.length <= maxAttempts, `${answer.asked.length} attempts`);
  const spare = maxPaidAttempts > 1 ? spareAttempts : 0;
  assert.ok(done.filter(mayBePaid).length <= maxPaidAttempts + spare, 'attempts that may be billed');
  assert.equal(answer.attempts.length, answer.asked.length, 'every attempt is recorded once');
  assert.equal(answer.ends, answer.status === undefined ? 0 : 1, 'one reply, or an error, and one end');
  if (answer.status !== undefined)
    assert.ok(
      done.some((told) => (told.chunks ?? ['answer']).join('') === answer.text),
      'the reply is one reply',
    );
}
