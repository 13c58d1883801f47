import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Bound } from '../../allowance/bound.ts';
import { ruleOf } from '../../allowance/rule.ts';
import { Spender } from '../../allowance/spender.ts';
import { testLender, type TestLender } from '../../stores/test-lender.ts';
import { WaitingRoom } from '../../allowance/waiting-room.ts';
import { Body } from '../../core/body.ts';
import { Call } from '../../core/call.ts';
import { GatewayError, type ErrorCode } from '../../core/errors.ts';
import { Reply } from '../../core/reply.ts';
import type { Scope } from '../../core/pipeline.ts';
import type { CallRecord } from '../../core/record.ts';
import { testScope } from '../../core/testing.ts';
import { callCodecs } from '../../protocols/codecs.ts';
import { budget } from './index.ts';
import type { BudgetEvent, BudgetOptions, BudgetRule } from './options.ts';

const month = Date.parse('2026-11-15T12:00:00Z');

const callOf = (model = 'big'): Call =>
  Call.received('id', { codec: callCodecs['openai.chat'], body: new Body([Buffer.from(JSON.stringify({ model, messages: [] }))]) });

function ruleFor(more: Partial<BudgetRule> & { readonly window?: 'day' | 'call' | 'total' } = {}): BudgetRule {
  const { name = 'all', limit = 100, match = {}, action = { kind: 'refuse' }, window = 'day' } = more;
  const counters = ruleOf({ prefix: `budget/${name}`, match, limit, window, isSoft: action.kind === 'notify' });
  return { name, unit: 'usd', limit, match, action, counters, isPerCall: window === 'call', ...more };
}

/** A call costs 10 by `big`, 2 by `small`, nobody knows what by `strange`. */
const costs: Readonly<Record<string, number | null>> = { big: 10, small: 2, strange: null };
const boundOf = (call: Call): Bound => ({
  cost: costs[call.model] ?? null,
  inputTokens: 6,
  outputTokens: 4,
  answerTokens: 4,
  isCapped: false,
  estimatedInput: 50,
});

const recordOf = (total: number | null, attempts = 1): CallRecord =>
  ({
    cost: { total },
    buckets: { input: 3, output: 2 },
    attempts: Array.from({ length: attempts }),
    durationMs: 0,
  }) as unknown as CallRecord;

function setUp(rules: readonly BudgetRule[], more: Partial<BudgetOptions> = {}, lender: TestLender = testLender()) {
  const spender = new Spender({
    lender,
    owner: 'a',
    instances: () => 0,
    ttlMs: 1e9,
    statementMs: 1e9,
    onUnavailable: 'refuse',
    now: () => lender.nowMs,
  });
  const events: BudgetEvent[] = [];
  const sent: Call[] = [];
  const stage = budget({
    owner: 'a',
    rules: () => rules,
    contexts: [],
    runs: { isEnabled: true, maxNanoUsd: undefined, maxTokens: undefined },
    spender,
    waiting: new WaitingRoom(),
    boundOf,
    capsOutput: false,
    unpricedRate: undefined,
    notify: (event) => events.push(event),
    thresholds: [50, 80, 100],
    now: () => month,
    ...more,
  });
  const servedBy = { kind: 'provider', name: 'p', hosting: 'api', model: 'm' } as const;
  const handler = stage.wrap(async (call) => {
    sent.push(call);
    return new Reply(servedBy, { status: 200, headers: [] }, { to: () => {} });
  });
  const ask = async (scope: Scope, model?: string): Promise<Reply> => handler(callOf(model), scope);
  const pay = (scope: Scope, total: number | null, attempts?: number): void =>
    scope.atRecord.forEach((listen) => listen(recordOf(total, attempts)));
  return { ask, pay, spender, events, sent, lender };
}

const refused = (code: ErrorCode, message: RegExp, retryAfter?: string) => (error: unknown) => {
  assert.ok(error instanceof GatewayError);
  assert.equal(error.code, code);
  assert.match(error.message, message);
  assert.equal(error.headers[error.headers.indexOf('retry-after') + 1] ?? undefined, retryAfter ?? (error.headers.length ? '' : undefined));
  return true;
};

describe('a budget that refuses', () => {
  test('reserves the most a call can cost, and books what it did cost', async () => {
    const { ask, pay, spender } = setUp([ruleFor()]);
    const scope = testScope();
    await ask(scope);
    const account = ruleFor().counters.find({ labels: {}, key: undefined, model: 'big' }, month)!.account;
    assert.deepEqual(spender.balance(account), { limit: 100, spent: 0, held: 10 });
    pay(scope, 4);
    pay(scope, 4);
    assert.deepEqual(spender.balance(account), { limit: 100, spent: 4, held: 0 });
  });

  test('402 when it is spent: which one, how it stands, when it resets', async () => {
    const { ask, pay } = setUp([ruleFor({ name: 'team', match: { team: '*' }, limit: 15 })]);
    const scope = testScope({ labels: { team: 'search' } });
    await ask(scope);
    pay(scope, 10);
    await assert.rejects(
      ask(testScope({ labels: { team: 'search' } })),
      refused('budget_exceeded', /budget "team" of team=search.*resets at 2026-11-16T00:00:00Z/s, String(12 * 3600)),
    );
    await ask(testScope({ labels: { team: 'ads' } }));
    await ask(testScope());
  });

  test('429 while calls under way hold what would be enough', async () => {
    const { ask, pay } = setUp([ruleFor({ limit: 15 })]);
    const first = testScope();
    await ask(first);
    await assert.rejects(ask(testScope()), refused('rate_limited', /held by them/, '1'));
    pay(first, 1);
    await ask(testScope());
  });

  test('a call larger than the whole budget is told so', async () => {
    const { ask } = setUp([ruleFor({ limit: 9 })]);
    await assert.rejects(ask(testScope()), refused('budget_exceeded', /in all.*with a limit it may fit/));
  });

  test('for each call by itself', async () => {
    const { ask, spender } = setUp([ruleFor({ limit: 5, window: 'call' })]);
    await assert.rejects(ask(testScope()), refused('budget_exceeded', /in all/));
    await ask(testScope(), 'small');
    await spender.close();
  });

  test('a model without a price is refused, unless a rate is set for such', async () => {
    await assert.rejects(setUp([ruleFor()]).ask(testScope(), 'strange'), refused('unpriced_model', /"strange".*"all"/));
    const { ask, pay, lender, spender } = setUp([ruleFor()], { unpricedRate: 2 });
    const scope = testScope();
    await ask(scope, 'strange');
    pay(scope, null);
    await spender.close();
    assert.equal((await lender.read(['budget/all/all/2026-11-15']))[0]!.spent, 10, '5 tokens at 2');
  });

  test('the store away: 503, not open', async () => {
    const lender = testLender();
    lender.isAway = true;
    await assert.rejects(setUp([ruleFor()], {}, lender).ask(testScope()), refused('state_unavailable', /away/, '2'));
  });

  test('in tokens', async () => {
    const { ask, pay, lender, spender } = setUp([ruleFor({ unit: 'tokens', limit: 12 })]);
    const scope = testScope();
    await ask(scope, 'strange');
    pay(scope, null);
    await spender.close();
    assert.equal((await lender.read(['budget/all/all/2026-11-15']))[0]!.spent, 5);
    await assert.rejects(ask(testScope()), refused('budget_exceeded', /5 tokens of 12 tokens spent/, String(12 * 3600)));
  });
});

describe('other actions', () => {
  test('downgrade: the cheaper model, told in the reply and the record; refused without room for it', async () => {
    const { ask, sent } = setUp([ruleFor({ limit: 13, action: { kind: 'downgrade', model: 'small' } })]);
    await ask(testScope());
    const scope = testScope();
    await ask(scope);
    assert.deepEqual(
      [sent.map(({ model }) => model), scope.replyHeaders, scope.annotations.signals],
      [['big', 'small'], ['x-modicum-budget', 'all; downgraded to small'], ['budget:downgraded:all']],
    );
    await assert.rejects(ask(testScope()), refused('rate_limited', /small/, '1'));
  });

  test('defer: waits for room, and is refused after its deadline', async () => {
    const defer = { kind: 'defer', patience: { max: 5, deadlineMs: 2000 } } as const;
    const { ask, pay, sent } = setUp([ruleFor({ limit: 10, action: defer })]);
    const first = testScope();
    await ask(first);
    const second = ask(testScope());
    await new Promise(setImmediate);
    assert.equal(sent.length, 1);
    pay(first, 0);
    await second;
    assert.equal(sent.length, 2);
    const brief = setUp([ruleFor({ limit: 10, action: { kind: 'defer', patience: { max: 5, deadlineMs: 5 } } })]);
    await brief.ask(testScope());
    await assert.rejects(brief.ask(testScope()), refused('rate_limited', /held/, '1'));
  });

  test('notify: tells each mark once, and refuses nobody', async () => {
    const { ask, pay, events } = setUp([ruleFor({ limit: 20, action: { kind: 'notify' } })]);
    for (const cost of [9, 1, 1, 6, 9]) {
      const scope = testScope();
      await ask(scope);
      pay(scope, cost);
    }
    assert.deepEqual(
      events.filter(({ kind }) => kind === 'threshold').map(({ percent, spent }) => [percent, spent]),
      [
        [50, 10],
        [80, 17],
        [100, 26],
      ],
    );
  });

  test('a forecast is told once, and the first refusal', async () => {
    const { ask, pay, events } = setUp([ruleFor({ limit: 30 })], { thresholds: [] });
    const scope = testScope();
    await ask(scope);
    pay(scope, 10);
    assert.deepEqual(events, [], 'a third spent at noon lasts the day');
    const second = testScope();
    await ask(second);
    pay(second, 10);
    await ask(testScope());
    await assert.rejects(ask(testScope()));
    await assert.rejects(ask(testScope()));
    assert.deepEqual(
      events.map(({ kind, exhaustsAt }) => [kind, exhaustsAt && new Date(exhaustsAt).toISOString()]),
      [
        ['forecast', '2026-11-15T18:00:00.000Z'],
        ['refused', undefined],
      ],
    );
  });
});

describe('ceilings of a run', () => {
  const run = (usd: string, labels = { task: 't' }) => testScope({ labels, ceiling: { usd } });
  test('count for the task alone, each up to its own header', async () => {
    const { ask } = setUp([]);
    await ask(run('0.000000010'));
    await assert.rejects(ask(run('0.000000019')), refused('rate_limited', /"run-usd" of task=t/, '1'));
    await ask(run('0.000000010', { task: 'other' }));
    await ask(testScope({ labels: { task: 't' } }));
  });

  test('never more than the policy', async () => {
    const { ask } = setUp([], { runs: { isEnabled: true, maxNanoUsd: 15, maxTokens: undefined } });
    await ask(run('100'));
    await assert.rejects(ask(run('100')), refused('rate_limited', /run-usd/, '1'));
  });

  test('that cannot be are refused', async () => {
    await assert.rejects(setUp([]).ask(run('much')), refused('invalid_request', /must be a number/));
    await assert.rejects(setUp([]).ask(testScope({ ceiling: { usd: '1' } })), refused('invalid_request', /x-modicum-task/));
    const off = setUp([], { runs: { isEnabled: false, maxNanoUsd: undefined, maxTokens: undefined } });
    await assert.rejects(off.ask(run('1')), refused('invalid_request', /switched off/));
  });
});

test('a context budget refuses longer prompts in the words agents know', async () => {
  const contexts = [{ name: 'short', maxInputTokens: 49, matches: () => true }];
  await assert.rejects(setUp([], { contexts }).ask(testScope()), refused('context_length_exceeded', /prompt is too long.*50 tokens > 49/));
  await setUp([], { contexts: [{ ...contexts[0]!, maxInputTokens: 50 }] }).ask(testScope());
});

test('a call without a limit is told what was reserved for it', async () => {
  const { ask, sent } = setUp([ruleFor()], { capsOutput: true });
  await ask(testScope());
  assert.match(sent[0]!.body.whole.toString(), /"max_completion_tokens":4/);
});

test('without a budget that is for it, a call goes on as it is, in the same tick', () => {
  const { ask, spender } = setUp([ruleFor({ match: { app: 'other' } })]);
  const scope = testScope();
  void ask(scope);
  assert.equal(scope.atRecord.length, 0);
  spender.onRoom(() => {});
});

test('whatever becomes of calls, in the end nothing is held, and what was spent is what they cost', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ cost: fc.integer({ min: 0, max: 10 }), attempts: fc.nat(2), isUnknown: fc.boolean(), ends: fc.nat(3) }), {
        maxLength: 60,
      }),
      async (calls) => {
        const { ask, pay, spender, lender } = setUp([ruleFor({ limit: 200 }), ruleFor({ name: 'tokens', unit: 'tokens', limit: 300 })]);
        let spent = 0;
        const open: (() => void)[] = [];
        for (const { cost, attempts, isUnknown, ends } of calls) {
          const scope = testScope();
          const isMade = await ask(scope).then(
            () => true,
            () => false,
          );
          const end = (): void => {
            pay(scope, isUnknown ? null : cost, attempts);
            spent += !isMade || attempts === 0 ? 0 : isUnknown ? 10 : cost;
          };
          if (ends === 0) end();
          else open.push(end);
          while (open.length > ends * 10) open.shift()!();
        }
        for (const end of open) end();
        await spender.close();
        const [state] = await lender.read(['budget/all/all/2026-11-15']);
        assert.deepEqual([state!.spent, state!.held], [spent, 0]);
        assert.ok(spent <= 200);
      },
    ),
    { numRuns: 100 },
  ));
