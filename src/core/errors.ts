/** code -> HTTP status, may the caller retry, what it means. One table, so every error of the gateway is listed in one place. */
export const errorCodes = {
  invalid_request: { status: 400, retryable: false, meaning: 'the request cannot be read, or a field has a value the gateway cannot use' },
  context_length_exceeded: { status: 400, retryable: false, meaning: 'the prompt is larger than a context budget allows' },
  unauthorized: { status: 401, retryable: false, meaning: 'no credential, or one the gateway does not know' },
  budget_exceeded: { status: 402, retryable: false, meaning: 'a budget has no room for this call' },
  unpriced_model: { status: 403, retryable: false, meaning: 'the price of the model is not known, and a budget in money must be kept' },
  forbidden: { status: 403, retryable: false, meaning: 'the credential is known, but not for this' },
  sensitive_data: {
    status: 403,
    retryable: false,
    meaning: 'the call holds what must not be sent; the message names its kinds, never its values',
  },
  no_local_provider: {
    status: 403,
    retryable: false,
    meaning: 'the call is labelled to stay on local providers, and none can serve it',
  },
  not_found: { status: 404, retryable: false, meaning: 'no such route' },
  model_not_found: { status: 404, retryable: false, meaning: 'no provider is configured for this model' },
  previous_response_not_found: {
    status: 400,
    retryable: false,
    meaning: 'the earlier response a call goes on from is not kept, or not any more',
  },
  method_not_allowed: { status: 405, retryable: false, meaning: 'the route exists, but not with this method' },
  conflict: { status: 409, retryable: false, meaning: 'the name is taken, or what is to be changed stands in the configuration' },
  body_timeout: { status: 408, retryable: true, meaning: 'the request body did not arrive in time' },
  body_too_large: { status: 413, retryable: false, meaning: 'the request body is larger than the limit' },
  unsupported_encoding: { status: 415, retryable: false, meaning: 'the content-encoding is none of gzip, br, zstd, identity' },
  upgrade_required: { status: 426, retryable: false, meaning: 'this gateway speaks plain HTTP here, not WebSocket' },
  loop_detected: {
    status: 422,
    retryable: false,
    meaning: 'the conversation goes round in circles, and the option `loops` refuses such calls',
  },
  rate_limited: { status: 429, retryable: true, meaning: 'too many calls for now' },
  aborted: { status: 499, retryable: false, meaning: 'the client went away before the reply was whole' },
  internal: { status: 500, retryable: false, meaning: 'a defect of the gateway' },
  provider_error: { status: 502, retryable: true, meaning: 'the provider broke off, or sent what cannot be read' },
  provider_unreachable: { status: 502, retryable: true, meaning: 'no connection to the provider' },
  no_credentials: {
    status: 502,
    retryable: false,
    meaning: 'there are no credentials for the provider: a package is not installed, or what gives them refuses',
  },
  overloaded: { status: 503, retryable: true, meaning: 'the gateway has as many calls in flight as it may have' },
  state_unavailable: {
    status: 503,
    retryable: true,
    meaning: 'the store of budgets, limits or keys does not answer, and nothing may be let through without it',
  },
  shutting_down: { status: 503, retryable: true, meaning: 'the gateway is stopping' },
  not_cached: { status: 504, retryable: false, meaning: 'the call asks for a kept reply and nothing else, and there is none' },
  query_timeout: { status: 504, retryable: false, meaning: 'a question about recorded calls took longer than the limit' },
  provider_timeout: { status: 504, retryable: true, meaning: 'the provider took longer than the limit' },
} as const satisfies Record<string, { readonly status: number; readonly retryable: boolean; readonly meaning: string }>;

export type ErrorCode = keyof typeof errorCodes;

export interface GatewayErrorOptions extends ErrorOptions {
  readonly param?: string;
  /** What to do about it, where the admin API can say. */
  readonly fix?: string;
  readonly headers?: readonly string[];
}

/** The only error the gateway throws on purpose. Each protocol renders it in its own shape. */
export class GatewayError extends Error {
  override readonly name = 'GatewayError';
  readonly code: ErrorCode;
  /** The request field that is wrong, such as `model`, where there is one. */
  readonly param: string | undefined;
  readonly fix: string | undefined;
  /** Raw headers (name, value ...) that go with it, such as `retry-after`. */
  readonly headers: readonly string[];

  constructor(code: ErrorCode, message: string, options?: GatewayErrorOptions) {
    super(message, options);
    this.code = code;
    this.param = options?.param;
    this.fix = options?.fix;
    this.headers = options?.headers ?? [];
  }

  get status(): number {
    return errorCodes[this.code].status;
  }

  get retryable(): boolean {
    return errorCodes[this.code].retryable;
  }

  /** The same error with more headers (raw: name, value ...), those it has already left as they are. */
  with(headers: readonly string[]): GatewayError {
    const added = headers.filter((_, at) => !this.headers.includes(headers[at - (at % 2)]!));
    const { param } = this;
    return new GatewayError(this.code, this.message, {
      cause: this.cause,
      ...(param !== undefined && { param }),
      headers: [...this.headers, ...added],
    });
  }

  /** Whatever was thrown, as a `GatewayError`; an unknown error is `internal`. */
  static from(error: unknown): GatewayError {
    if (error instanceof GatewayError) return error;
    return new GatewayError('internal', 'the gateway failed on this request', { cause: error });
  }
}
