/**
 * What went wrong at the provider, in no API's words: kind -> the HTTP status the client gets where the provider's own does not fit.
 * `context_length` and `content_filter` are requests the model cannot take.
 */
export const errorKinds = {
  invalid_request: 400,
  context_length: 400,
  content_filter: 400,
  authentication: 401,
  billing: 402,
  permission: 403,
  not_found: 404,
  timeout: 504,
  conflict: 409,
  too_large: 413,
  rate_limit: 429,
  server: 500,
  overloaded: 503,
} as const satisfies Record<string, number>;

export type ErrorKind = keyof typeof errorKinds;

export interface ReplyError {
  readonly kind: ErrorKind;
  /** The provider's own HTTP status; absent for an error in the middle of a stream. */
  readonly status?: number;
  readonly message: string;
  /** The provider's own word for it. */
  readonly code?: string;
  /** The request field that is wrong, in the provider's words. */
  readonly param?: string;
}
