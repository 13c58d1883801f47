import type { ErrorKind, ReplyError } from '../../../core/canonical/reply-error.ts';
import { jsonBytes, type Bytes, type JsonObject } from '../../../core/json.ts';
import { field, parsed, text } from '../../count.ts';
import type { EncodedError } from '../../errors.ts';
import { kindOf, statusFor } from '../error-kind.ts';

/** Messages longer than this are cut. */
const maxMessageLength = 4000;

/** `{type: "error", error: {type, message, details}, request_id}`, or whatever a proxy in between says. */
export function decodeError(status: number, body: Bytes): ReplyError {
  const value = parsed(body);
  const error = errorOf(field(value, 'error') ?? value, status);
  const said = error.message || text(field(value, 'message')) || body.toString('utf8', 0, maxMessageLength).trim();
  return { ...error, status, message: said || `the provider answered ${status}` };
}

/** The value of `error`; without a status it stood in a stream, or in a body that came with status 200. */
export function errorOf(error: unknown, status?: number): ReplyError {
  const type = text(field(error, 'type'));
  const code = text(field(field(error, 'details'), 'error_code'));
  const said = (text(error) ?? text(field(error, 'message')) ?? '').slice(0, maxMessageLength);
  const word = code ?? type;
  return {
    kind: kindOfWords(code, type, said, status),
    message: code === ownCodes.context_length && said.startsWith(tooLong) ? said.slice(tooLong.length) : said,
    ...(word !== undefined && { code: word }),
  };
}

function kindOfWords(code: string | undefined, type: string | undefined, message: string, status: number | undefined): ErrorKind {
  const own = Object.entries(ownCodes).find(([, name]) => name === code);
  if (own) return own[0] as ErrorKind;
  const named = kinds[type ?? ''];
  if (named && named !== 'invalid_request') return named;
  return kindOf(status ?? (named ? 400 : 500), code, message);
}

const types: Readonly<Record<ErrorKind, string>> = {
  invalid_request: 'invalid_request_error',
  context_length: 'invalid_request_error',
  content_filter: 'invalid_request_error',
  authentication: 'authentication_error',
  billing: 'billing_error',
  permission: 'permission_error',
  not_found: 'not_found_error',
  timeout: 'timeout_error',
  conflict: 'invalid_request_error',
  too_large: 'request_too_large',
  rate_limit: 'rate_limit_error',
  server: 'api_error',
  overloaded: 'overloaded_error',
};

const kinds: Readonly<Record<string, ErrorKind>> = {
  ...Object.fromEntries(Object.entries(types).map(([kind, type]) => [type, kind as ErrorKind])),
  invalid_request_error: 'invalid_request',
};

/** Kinds for which Anthropic has no type: told by a code in `details`. */
const ownCodes: { readonly [K in ErrorKind]?: string } = {
  context_length: 'context_length_exceeded',
  content_filter: 'content_filter',
  conflict: 'conflict',
};

/** Clients that shorten their history when it is too long, such as Claude Code, know it by these words. */
const tooLong = 'prompt is too long: ';

/** The body of an error, and the data of an `error` event. */
export function errorBody(error: ReplyError, requestId: string) {
  const code = ownCodes[error.kind];
  const says = error.kind === 'context_length' && !error.message.startsWith(tooLong);
  const told: JsonObject = {
    type: types[error.kind],
    message: says ? `${tooLong}${error.message}` : error.message,
    ...(code !== undefined && { details: { error_code: code } }),
  };
  return { type: 'error', error: told, request_id: requestId } as const;
}

export function encodeError(error: ReplyError, requestId: string): EncodedError {
  const body = jsonBytes(errorBody(error, requestId));
  const headers = ['content-type', 'application/json', 'content-length', String(body.length), 'request-id', requestId];
  return { status: statusFor(error), headers, body };
}
