import { errorKinds, type ErrorKind, type ReplyError } from '../../core/canonical/reply-error.ts';

const byStatus: Readonly<Record<number, ErrorKind>> = {
  401: 'authentication',
  402: 'billing',
  403: 'permission',
  404: 'not_found',
  408: 'timeout',
  409: 'conflict',
  413: 'too_large',
  429: 'rate_limit',
  503: 'overloaded',
  504: 'timeout',
  529: 'overloaded',
};

/** What a status alone says. */
export const kindOfStatus = (status: number): ErrorKind => byStatus[status] ?? (status >= 500 ? 'server' : 'invalid_request');

/** Statuses of one vendor alone, which other vendors' clients do not know. */
const unusual: ReadonlySet<number> = new Set([498, 499, 529]);

/** The status for a client: the provider's own where every client knows it. */
export function statusFor({ status, kind }: ReplyError): number {
  return status === undefined || status < 400 || status > 599 || unusual.has(status) ? errorKinds[kind] : status;
}

const words: readonly (readonly [RegExp, ErrorKind])[] = [
  [/context_length|context length|context window|prompt is too long|maximum context|input token count.*exceeds/i, 'context_length'],
  [/content_filter|content management policy|content_policy/i, 'content_filter'],
  [/insufficient_quota|credit balance/i, 'billing'],
];

/** What a status and the provider's words say together; words of a request the model cannot take stand behind a plain 400. */
export function kindOf(status: number, ...texts: readonly (string | undefined)[]): ErrorKind {
  const said = texts.join(' ');
  const told = status < 500 ? words.find(([pattern]) => pattern.test(said)) : undefined;
  return told?.[1] ?? kindOfStatus(status);
}
