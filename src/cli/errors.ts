/** What the process answers to its shell. */
export const exitCodes = {
  ok: 0,
  /** What was asked for was done, and its answer is no: a failed check, a failed call, an unknown model. */
  failed: 1,
  usage: 2,
  config: 3,
  /** The gateway or provider did not answer. */
  unreachable: 4,
  /** Stopped by ctrl-C. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Ends a command with a message for people and an exit code. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

export const usageError = (message: string): CliError => new CliError(exitCodes.usage, message);
export const failure = (message: string, cause?: unknown): CliError => new CliError(exitCodes.failed, message, { cause });
