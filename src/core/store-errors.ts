/** The engine did not answer, or said that it cannot. Guards refuse on it, or live on the lease they hold; savings do without. */
export class StoreUnavailableError extends Error {
  override readonly name = 'StoreUnavailableError';
  readonly engine: string;

  constructor(engine: string, reason: string, options?: ErrorOptions) {
    super(`the state engine ${engine} is away: ${reason}`, options);
    this.engine = engine;
  }
}

/** Something to be kept is longer, or more, than its named limit. */
export class StoreLimitError extends Error {
  override readonly name = 'StoreLimitError';
}

export class KeyNameTakenError extends Error {
  override readonly name = 'KeyNameTakenError';

  constructor(keyName: string) {
    super(`another key has the name "${keyName}"`);
  }
}
