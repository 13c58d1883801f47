import type { Family } from '../../core/api.ts';
import type { JsonObject } from '../../core/json.ts';

/** Thrown for a request the emulated vendor would refuse; rendered in that vendor's shape. */
export class VendorError extends Error {
  override readonly name = 'VendorError';
  readonly status: number;
  readonly param: string | undefined;

  constructor(status: number, message: string, param?: string) {
    super(message);
    this.status = status;
    this.param = param;
  }
}

type Words = Readonly<Record<number, string>>;
const openaiTypes: Words = { 401: 'authentication_error', 403: 'permission_error', 429: 'rate_limit_error' };
const openaiCodes: Words = { 401: 'invalid_api_key', 404: 'model_not_found', 429: 'rate_limit_exceeded', 503: 'service_unavailable' };
const anthropicTypes: Words = {
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  504: 'timeout_error',
  529: 'overloaded_error',
};
const googleStatuses: Words = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
};
const byKind = (status: number, client: string, server: string): string => (status < 500 ? client : server);

/** The error object as it stands in a body or in the middle of a stream. */
export const errorBody: Readonly<Record<Family, (error: VendorError) => JsonObject>> = {
  openai: ({ status, message, param }) => ({
    error: {
      message: `[emulator] ${message}`,
      type: openaiTypes[status] ?? byKind(status, 'invalid_request_error', 'server_error'),
      param: param ?? null,
      code: openaiCodes[status] ?? null,
    },
  }),
  anthropic: ({ status, message }) => ({
    type: 'error',
    error: { type: anthropicTypes[status] ?? byKind(status, 'invalid_request_error', 'api_error'), message: `[emulator] ${message}` },
    request_id: 'req_emu_error',
  }),
  google: ({ status, message }) => ({
    error: {
      code: status,
      message: `[emulator] ${message}`,
      status: googleStatuses[status] ?? byKind(status, 'INVALID_ARGUMENT', 'INTERNAL'),
    },
  }),
  bedrock: ({ message }) => ({ message: `[emulator] ${message}` }),
};
