import { apis, type ApiId, type Family } from '../core/api.ts';
import type { ErrorCode, GatewayError } from '../core/errors.ts';
import { jsonBytes, type Bytes, type Json } from '../core/json.ts';

/** An error as the client's own vendor would have sent it. Headers are raw: name, value, name, value ... */
export interface EncodedError {
  readonly status: number;
  readonly headers: readonly string[];
  readonly body: Bytes;
}

export function encodeError(family: Family, error: GatewayError, requestId: string): EncodedError {
  const body = jsonBytes(shapes[family](error, requestId));
  const headers = ['content-type', 'application/json', 'content-length', String(body.length), requestIdHeaders[family], requestId];
  // The vendors' SDKs repeat 408, 409, 429 and 5xx unless this header says otherwise.
  if (!error.retryable) headers.push('x-should-retry', 'false');
  headers.push(...error.headers);
  return { status: error.status, headers, body };
}

/** Events of a response are numbered and rise; the gateway does not count them, and nothing follows this one. */
const lastNumber = 0x7fffffff;

/**
 * The server-sent event that tells a client in mid-stream that the reply broke off. It begins with a blank line, which ends whatever event was being sent.
 * No closing event follows: a broken stream must not look finished.
 */
export function errorEvent(api: ApiId, error: GatewayError, requestId = ''): Bytes {
  const { family } = apis[api];
  if (api === 'openai.responses')
    return event('error', {
      type: 'error',
      sequence_number: lastNumber,
      code: error.code,
      message: error.message,
      param: error.param ?? null,
    });
  return event(family === 'anthropic' ? 'error' : undefined, shapes[family](error, requestId));
}

const event = (name: string | undefined, data: Json): Bytes =>
  Buffer.from(`\n\n${name ? `event: ${name}\n` : ''}data: ${JSON.stringify(data)}\n\n`);

const requestIdHeaders: Readonly<Record<Family, string>> = {
  openai: 'x-request-id',
  anthropic: 'request-id',
  google: 'x-request-id',
  bedrock: 'x-amzn-requestid',
};

const shapes: Readonly<Record<Family, (error: GatewayError, requestId: string) => Json>> = {
  openai: (error) => ({
    error: { message: error.message, type: openaiType(error), param: error.param ?? null, code: error.code },
  }),
  anthropic: (error, requestId) => ({
    type: 'error',
    error: { type: anthropicType(error.code, error.status), message: error.message },
    request_id: requestId === '' ? null : requestId,
  }),
  google: (error) => ({
    error: {
      code: error.status,
      message: error.message,
      status: googleStatus(error.status),
      details: [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: error.code.toUpperCase(), domain: 'modicum' }],
    },
  }),
  bedrock: (error) => ({ message: error.message }),
};

function openaiType({ code, status }: GatewayError): string {
  if (code === 'budget_exceeded') return 'insufficient_quota';
  if (status === 401) return 'authentication_error';
  if (status === 403) return 'permission_error';
  if (status === 429) return 'rate_limit_error';
  return status >= 500 ? 'server_error' : 'invalid_request_error';
}

const anthropicTypes: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  503: 'overloaded_error',
  504: 'timeout_error',
};

function anthropicType(code: ErrorCode, status: number): string {
  if (code === 'body_timeout') return 'timeout_error';
  return anthropicTypes[status] ?? (status >= 500 ? 'api_error' : 'invalid_request_error');
}

const googleStatuses: Readonly<Record<number, string>> = {
  401: 'UNAUTHENTICATED',
  402: 'RESOURCE_EXHAUSTED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  408: 'DEADLINE_EXCEEDED',
  429: 'RESOURCE_EXHAUSTED',
  499: 'CANCELLED',
  500: 'INTERNAL',
  504: 'DEADLINE_EXCEEDED',
};

const googleStatus = (status: number): string => googleStatuses[status] ?? (status >= 500 ? 'UNAVAILABLE' : 'INVALID_ARGUMENT');
