import type { AlertMessage } from '../message.ts';

/** Where messages go. */
export interface Channel {
  readonly name: string;
  readonly type: string;
  /** @throws {DeliveryError} when it was not taken; anything else counts as one that may be tried again */
  send(message: AlertMessage, signal: AbortSignal): Promise<void>;
}

/** A message was not taken. Its text never holds a secret or an address with one. */
export class DeliveryError extends Error {
  override readonly name = 'DeliveryError';
  /** Trying again will not help. */
  readonly isFinal: boolean;

  constructor(message: string, options: ErrorOptions & { readonly isFinal?: boolean } = {}) {
    super(message, options);
    this.isFinal = options.isFinal ?? false;
  }
}
