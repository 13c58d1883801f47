import type { Deployment } from '../../core/deployment.ts';
import { GatewayError, type ErrorCode } from '../../core/errors.ts';
import { headerOf, type ReplyHead } from '../../core/reply.ts';
import { retryAfterMs } from '../../core/retry-after.ts';

/**
 * Why an attempt failed before its first byte. `unreachable`: no connection. `limited`: over a rate limit. `busy`: refused
 * for load. `queue`: our own limit for the provider.
 * `failed`: the provider's own error. `broken`: the connection, or a proxy on the way. `timeout`: no first byte in time. `account`: our key is
 * refused, or out of money. `overflow`: the prompt does not fit. `filtered`: a content filter refuses.
 */
export type FailureReason =
  | 'unreachable'
  | 'limited'
  | 'busy'
  | 'queue'
  | 'failed'
  | 'broken'
  | 'timeout'
  | 'account'
  | 'overflow'
  | 'filtered';

export interface Failure {
  readonly reason: FailureReason;
  /** The provider may have worked, and may bill it. */
  readonly mayBePaid: boolean;
  /** Not even a head came: whether the provider has worked at all is unknown. */
  readonly isSilent: boolean;
  /** It tells something about the health of the deployment. */
  readonly isBlamed: boolean;
  /** Asking the same deployment again may help. */
  readonly isRepeatable: boolean;
  /** `undefined`: the provider does not say. */
  readonly retryAfterMs: number | undefined;
}

type Rule = Omit<Failure, 'isSilent' | 'retryAfterMs'>;

export const rules: Readonly<Record<FailureReason, Rule>> = {
  unreachable: { reason: 'unreachable', mayBePaid: false, isBlamed: true, isRepeatable: true },
  limited: { reason: 'limited', mayBePaid: false, isBlamed: false, isRepeatable: true },
  busy: { reason: 'busy', mayBePaid: false, isBlamed: true, isRepeatable: true },
  queue: { reason: 'queue', mayBePaid: false, isBlamed: false, isRepeatable: false },
  failed: { reason: 'failed', mayBePaid: false, isBlamed: true, isRepeatable: true },
  broken: { reason: 'broken', mayBePaid: true, isBlamed: true, isRepeatable: true },
  timeout: { reason: 'timeout', mayBePaid: true, isBlamed: true, isRepeatable: true },
  account: { reason: 'account', mayBePaid: false, isBlamed: false, isRepeatable: false },
  overflow: { reason: 'overflow', mayBePaid: false, isBlamed: false, isRepeatable: false },
  filtered: { reason: 'filtered', mayBePaid: true, isBlamed: false, isRepeatable: false },
};

/** Reasons for which a model with one place to go is asked again: nothing can have been billed, and the vendor means it to be repeated. */
export const repeatedAlone: ReadonlySet<FailureReason> = new Set(['unreachable', 'limited', 'busy']);

/**
 * Vendors do not bill an error they answer with, nor one of a proxy that did not get through to them. Where a proxy has waited in vain for
 * their answer (504, Cloudflare's 524) they may have worked.
 */
const byStatus: Readonly<Record<number, Rule>> = {
  408: rules.failed,
  409: { ...rules.failed, isBlamed: false },
  425: { ...rules.failed, isBlamed: false },
  429: rules.limited,
  500: rules.failed,
  501: { ...rules.failed, isRepeatable: false },
  503: rules.busy,
  504: rules.broken,
  524: rules.broken,
  529: rules.busy, // Anthropic's overloaded_error
};

/** Of the credential; the client's own are its own affair. */
const accountStatuses: ReadonlySet<number> = new Set([401, 402, 403]);

function ruleOf(status: number, { ownKey }: Pick<Deployment, 'ownKey'>): Rule | undefined {
  if (status < 400) return undefined;
  if (accountStatuses.has(status)) return ownKey ? rules.account : undefined;
  return byStatus[status] ?? (status >= 500 ? rules.failed : undefined);
}

/** Whether a reply's head is a failure that another attempt may mend. `nowMs`: epoch ms. */
export function failedHead({ status, headers }: ReplyHead, deployment: Pick<Deployment, 'ownKey'>, nowMs: number): Failure | undefined {
  const rule = ruleOf(status, deployment);
  if (!rule) return undefined;
  const isRepeatable = rule.isRepeatable && headerOf(headers, 'x-should-retry') !== 'false';
  return { ...rule, isSilent: false, isRepeatable, retryAfterMs: retryAfterMs(headers, nowMs) };
}

const byCode: { readonly [C in ErrorCode]?: Rule } = {
  provider_unreachable: rules.unreachable,
  provider_error: rules.broken,
  provider_timeout: rules.timeout,
  overloaded: rules.queue,
  no_credentials: rules.account,
  rate_limited: rules.queue, // the pace we keep for a deployment, not one of the provider's own
};

/** A connection that breaks before the head within this time, ms, has taken no work along: a process that restarts, or an idle connection closed meanwhile. */
export const untouchedMs = 1000;

/**
 * The same of an attempt that ended without a head, or broke off while its beginning was looked at. `waitedMs`: how long it had waited for
 * the head; `undefined`: the head was there. Returns `undefined` when repeating it cannot help, or the client has left.
 */
export function failedWithout(error: unknown, waitedMs: number | undefined): Failure | undefined {
  const rule = error instanceof GatewayError ? byCode[error.code] : undefined;
  if (!rule) return undefined;
  const isUntouched = isUnsent(error) || (rule.reason === 'broken' && waitedMs !== undefined && waitedMs <= untouchedMs);
  return { ...rule, mayBePaid: rule.mayBePaid && !isUntouched, isSilent: waitedMs !== undefined, retryAfterMs: undefined };
}

/** No connection took the request. */
const isUnsent = (error: unknown): boolean => error instanceof GatewayError && 'unsent' in error && error.unsent === true;
