import { errorKinds, type ErrorKind, type ReplyError } from '../../../core/canonical/reply-error.ts';
import { jsonBytes, type Bytes, type JsonObject } from '../../../core/json.ts';
import { field, list, parsed, text } from '../../count.ts';
import type { EncodedError } from '../../errors.ts';
import { kindOf, statusFor } from '../error-kind.ts';

/** Messages longer than this are cut. */
const maxMessageLength = 4000;
const ourDomain = 'modicum';

/** An error body of Google: `{error: {code, message, status, details}}`, the same in a list, or plain text. */
export function decodeError(status: number, body: Bytes): ReplyError {
  const value = parsed(body);
  const told = field(Array.isArray(value) ? value[0] : value, 'error');
  const error = errorOf(told, status);
  const message =
    error.message === '' ? body.toString('utf8', 0, maxMessageLength).trim() || `the provider answered ${status}` : error.message;
  return { ...error, status, message };
}

const byStatus: Readonly<Record<string, number>> = {
  INVALID_ARGUMENT: 400,
  FAILED_PRECONDITION: 400,
  OUT_OF_RANGE: 400,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  NOT_FOUND: 404,
  ABORTED: 409,
  ALREADY_EXISTS: 409,
  RESOURCE_EXHAUSTED: 429,
  UNAVAILABLE: 503,
  DEADLINE_EXCEEDED: 504,
};

/** The value of `error`; without a status it stood in a stream. */
export function errorOf(error: unknown, status?: number): ReplyError {
  const message = (text(error) ?? text(field(error, 'message')) ?? '').slice(0, maxMessageLength);
  const code = text(field(error, 'status'));
  const known = status ?? numberOf(field(error, 'code')) ?? byStatus[code ?? ''] ?? 500;
  const details = list(field(error, 'details'));
  const param = details.flatMap((detail) => list(field(detail, 'fieldViolations'))).map((violation) => text(field(violation, 'field')));
  return {
    kind: details.map(kindOfDetail).find((kind) => kind !== undefined) ?? kindOf(known, code, message),
    message,
    ...(code !== undefined && { code }),
    ...(param[0] !== undefined && { param: param[0] }),
  };
}

const numberOf = (code: unknown): number | undefined => (typeof code === 'number' && code >= 400 && code < 600 ? code : undefined);

/** Google refuses a wrong key with 400; our own errors name their kind. */
function kindOfDetail(detail: unknown): ErrorKind | undefined {
  const reason = text(field(detail, 'reason'));
  if (reason === 'API_KEY_INVALID' || reason === 'API_KEY_EXPIRED') return 'authentication';
  const word = field(detail, 'domain') === ourDomain ? reason?.toLowerCase() : undefined;
  return word !== undefined && word in errorKinds ? (word as ErrorKind) : undefined;
}

const statuses: Readonly<Record<ErrorKind, string>> = {
  invalid_request: 'INVALID_ARGUMENT',
  context_length: 'INVALID_ARGUMENT',
  content_filter: 'INVALID_ARGUMENT',
  authentication: 'UNAUTHENTICATED',
  billing: 'RESOURCE_EXHAUSTED',
  permission: 'PERMISSION_DENIED',
  not_found: 'NOT_FOUND',
  timeout: 'DEADLINE_EXCEEDED',
  conflict: 'ABORTED',
  too_large: 'INVALID_ARGUMENT',
  rate_limit: 'RESOURCE_EXHAUSTED',
  server: 'INTERNAL',
  overloaded: 'UNAVAILABLE',
};

/** The value of `error` for a client. Details name the kind, the provider's own word and the field. */
export function errorBody(error: ReplyError): JsonObject {
  const { kind, message, code, param } = error;
  const info = {
    '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
    reason: kind.toUpperCase(),
    domain: ourDomain,
    ...(code !== undefined && { metadata: { code } }),
  };
  const request = { '@type': 'type.googleapis.com/google.rpc.BadRequest', fieldViolations: [{ field: param, description: message }] };
  return { code: statusFor(error), message, status: statuses[kind], details: param === undefined ? [info] : [info, request] };
}

export function encodeError(error: ReplyError, requestId: string): EncodedError {
  const body = jsonBytes({ error: errorBody(error) });
  const headers = ['content-type', 'application/json; charset=UTF-8', 'content-length', String(body.length), 'x-request-id', requestId];
  return { status: statusFor(error), headers, body };
}
