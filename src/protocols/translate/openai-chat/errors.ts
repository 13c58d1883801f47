import type { ErrorKind, ReplyError } from '../../../core/canonical/reply-error.ts';
import { jsonBytes, type Bytes } from '../../../core/json.ts';
import { field, parsed, text } from '../../count.ts';
import type { EncodedError } from '../../errors.ts';
import { kindOf, statusFor } from '../error-kind.ts';

/** Messages longer than this are cut. */
const maxMessageLength = 4000;

/** An error body of OpenAI and its imitators: `{error: {message, type, code, param}}`, `{error: "..."}`, `{message}`, `{detail}`, or plain text. */
export function decodeError(status: number, body: Bytes): ReplyError {
  const value = parsed(body);
  const told = field(value, 'error') ?? value;
  const error = errorOf(told, status);
  const message =
    error.message === '' ? body.toString('utf8', 0, maxMessageLength).trim() || `the provider answered ${status}` : error.message;
  return { ...error, status, message };
}

/** The value of `error`; without a status it stood in a stream. */
export function errorOf(error: unknown, status?: number): ReplyError {
  const message = text(error) ?? text(field(error, 'message')) ?? text(field(error, 'detail')) ?? '';
  const code = text(field(error, 'code'));
  const param = text(field(error, 'param'));
  const type = text(field(error, 'type'));
  return {
    kind: kindOf(status ?? numberOf(field(error, 'code')) ?? statusOfType(type), code, type, message),
    message: message.slice(0, maxMessageLength),
    ...(code !== undefined && { code }),
    ...(param !== undefined && { param }),
  };
}

/** OpenRouter has the status as code. */
const numberOf = (code: unknown): number | undefined => (typeof code === 'number' && code >= 400 && code < 600 ? code : undefined);
const statusOfType = (type: string | undefined): number =>
  type === 'rate_limit_error' ? 429 : type === 'invalid_request_error' ? 400 : 500;

interface Words {
  readonly type: string;
  readonly code: string | null;
}

const words: Readonly<Record<ErrorKind, Words>> = {
  invalid_request: { type: 'invalid_request_error', code: null },
  context_length: { type: 'invalid_request_error', code: 'context_length_exceeded' },
  content_filter: { type: 'invalid_request_error', code: 'content_filter' },
  authentication: { type: 'authentication_error', code: 'invalid_api_key' },
  billing: { type: 'insufficient_quota', code: 'insufficient_quota' },
  permission: { type: 'permission_error', code: null },
  not_found: { type: 'invalid_request_error', code: 'model_not_found' },
  timeout: { type: 'server_error', code: 'timeout' },
  conflict: { type: 'invalid_request_error', code: null },
  too_large: { type: 'invalid_request_error', code: 'request_too_large' },
  rate_limit: { type: 'rate_limit_error', code: 'rate_limit_exceeded' },
  server: { type: 'server_error', code: null },
  overloaded: { type: 'server_error', code: 'overloaded' },
};

/** The value of `error` for a client. */
export function errorBody(error: ReplyError) {
  const { type, code } = words[error.kind];
  return { message: error.message, type, param: error.param ?? null, code: error.code ?? code };
}

export function encodeError(error: ReplyError, requestId: string): EncodedError {
  const body = jsonBytes({ error: errorBody(error) });
  const headers = ['content-type', 'application/json', 'content-length', String(body.length), 'x-request-id', requestId];
  return { status: statusFor(error), headers, body };
}
