import { mostOf, shown, usedOf } from '../../allowance/amounts.ts';
import type { Hold, Lack } from '../../allowance/spender.ts';
import type { Who } from '../../allowance/subject.ts';
import { apis } from '../../core/api.ts';
import type { Call } from '../../core/call.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Handler, Scope, Stage } from '../../core/pipeline.ts';
import { Reply } from '../../core/reply.ts';
import { limitHeaders, withoutThese, type Standing } from './headers.ts';
import type { RateLimitOptions, RateRule, Share } from './options.ts';

/** Keeps calls within rates: takes what a call may use of each count before it is made, gives back what it did not use. Without room it waits, or is refused. */
export function rateLimit(options: RateLimitOptions): Stage {
  const { now = Date.now } = options;
  return {
    name: 'rate-limit',
    kind: 'guard',
    wrap: (next) => (call, scope) => {
      const rules = rulesFor(options, scope);
      if (rules.length === 0) return next(call, scope);
      const asking: Asking = { options, next, call, scope, nowMs: now() };
      const shares = sharesOf(asking, rules);
      if (shares.length === 0) return next(call, scope);
      const hold = options.spender.reserveNow(shares);
      return hold ? admitted(asking, shares, hold) : asked(asking, shares);
    },
  };
}

interface Asking {
  readonly options: RateLimitOptions;
  readonly next: Handler;
  readonly call: Call;
  readonly scope: Scope;
  readonly nowMs: number;
}

function rulesFor({ rules: rulesOf, rulesOfKey }: RateLimitOptions, { key }: Scope): readonly RateRule[] {
  const rules = rulesOf();
  const own = key === undefined ? undefined : rulesOfKey?.(key);
  return own && own.length > 0 ? [...rules, ...own] : rules;
}

const countsTokens = ({ unit }: RateRule): boolean => unit !== 'requests' && unit !== 'concurrency';

function sharesOf({ options, call, scope, nowMs }: Asking, rules: readonly RateRule[]): Share[] {
  const who: Who = { labels: scope.labels, key: scope.key, model: call.model };
  const shares: Share[] = [];
  let bound: ReturnType<RateLimitOptions['boundOf']> | undefined;
  for (const rule of rules) {
    const found = rule.counters.find(who, nowMs);
    if (!found) continue;
    if (countsTokens(rule)) bound ??= options.boundOf(call, scope, nowMs);
    shares.push({ rule, found, account: found.account, amount: bound ? mostOf(rule.unit, bound)! : 1 });
  }
  return shares;
}

async function admitted({ options, next, call, scope, nowMs }: Asking, shares: readonly Share[], hold: Hold): Promise<Reply> {
  scope.atRecord.push((record) => hold.settle(shares.map(({ rule, amount }) => usedOf(rule.unit, record) ?? amount)));
  const ours = limitHeaders(apis[call.api].family, standingsOf(options, shares), nowMs);
  const reply = await next(call, scope);
  if (ours.length === 0) return reply;
  const { status, headers } = reply.head;
  return new Reply(reply.servedBy, { status, headers: [...withoutThese(headers, ours), ...ours] }, reply.bytes);
}

const standingsOf = ({ spender }: RateLimitOptions, shares: readonly Share[]): readonly Standing[] =>
  shares.flatMap(({ rule, found: { window }, account }) =>
    window.turnsAt === undefined ? [] : [{ unit: rule.unit, balance: spender.balance(account), resetsAt: window.turnsAt }],
  );

async function asked(asking: Asking, shares: readonly Share[]): Promise<Reply> {
  const { options, scope } = asking;
  const { hold, lack } = await options.spender.reserve(shares);
  if (hold) return admitted(asking, shares, hold);
  const { rule, account, amount } = shares[lack.index]!;
  if (!rule.queue || lack.reason === 'away' || amount > rule.limit) throw refusal(asking, shares, lack);
  const waited = await options.waiting.wait(account.id, options.spender, shares, lack, rule.queue, scope.client);
  if ('hold' in waited && waited.hold) return admitted(asking, shares, waited.hold);
  throw refusal(asking, shares, 'full' in waited ? waited.full : waited.lack);
}

function refusal({ options, call, nowMs }: Asking, shares: readonly Share[], { index, reason, balance }: Lack): GatewayError {
  const { rule, found, amount } = shares[index]!;
  const name = `the limit "${rule.name}"${found.subject === 'all' ? '' : ` of ${found.subject}`}`;
  if (reason === 'away')
    return new GatewayError('state_unavailable', `${name} cannot be asked just now: its store is away`, { headers: ['retry-after', '2'] });
  const { turnsAt } = found.window;
  const { limit, spent, held } = balance;
  const need = rule.unit === 'requests' || rule.unit === 'concurrency' ? '' : `; this call may use up to ${shown(rule.unit, amount)}`;
  // Calls under way give back what they do not use, often soon.
  const waitMs = turnsAt === undefined || limit - spent >= amount ? 1000 : turnsAt - nowMs;
  const ours = limitHeaders(apis[call.api].family, standingsOf(options, shares), nowMs);
  if (amount > limit)
    return new GatewayError(
      'rate_limited',
      `${name} is ${shown(rule.unit, limit)}${need}: it can never be made like this; a lower limit of output tokens makes it smaller`,
      {
        headers: ['x-should-retry', 'false', ...ours],
      },
    );
  return new GatewayError('rate_limited', `${name} is reached: ${shown(rule.unit, spent + held)} of ${shown(rule.unit, limit)}${need}`, {
    headers: ['retry-after', String(Math.max(1, Math.ceil(waitMs / 1000))), ...ours],
  });
}
