import { KeyNameTakenError, StoreLimitError, StoreUnavailableError } from '../../core/store-errors.ts';

/** A call of a store in another process. */
export interface Ask {
  readonly type: 'ask';
  readonly number: number;
  /** `budgets.lease` */
  readonly method: string;
  readonly values: readonly unknown[];
}

export interface Answer {
  readonly type: 'answer';
  readonly number: number;
  readonly value?: unknown;
  readonly error?: SentError;
}

/** An error of a store, so that it is the same one on the other side. */
export interface SentError {
  readonly name: string;
  readonly message: string;
}

/** What the asking side calls the engine that the owner of the state is to it. */
export const engine = 'of the first process';

/** Methods by store. What is not here cannot be called from outside. */
export const storeMethods = {
  budgets: ['lease', 'leaseAll', 'state', 'read', 'correct', 'expired', 'list', 'set'],
  limits: ['lease', 'leaseAll', 'state', 'read', 'correct', 'expired', 'list', 'set'],
  keys: ['all', 'put', 'version'],
  settings: ['read', 'version', 'write'],
  sessions: ['get', 'put', 'delete'],
  replies: ['get', 'put', 'delete'],
} as const;

export const sentError = (error: unknown): SentError =>
  error instanceof KeyNameTakenError
    ? { name: error.name, message: /"(.*)"$/s.exec(error.message)![1]! }
    : error instanceof Error
      ? { name: error.name, message: error.message }
      : { name: 'Error', message: String(error) };

export function receivedError({ name, message }: SentError): Error {
  switch (name) {
    case 'KeyNameTakenError':
      return new KeyNameTakenError(message);
    case 'StoreLimitError':
      return new StoreLimitError(message);
    case 'RangeError':
      return new RangeError(message);
    default:
      return new StoreUnavailableError(engine, message);
  }
}
