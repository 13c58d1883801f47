/** Where an option stands: keys and list positions from the root. */
export type OptionPath = readonly (string | number)[];

/** Line and column count from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** One thing wrong with a configuration. */
export interface ConfigIssue {
  /** As shown to the user. Absent: the option came from the command line or the environment. */
  readonly file?: string | undefined;
  /** Absent for configurations that are code. */
  readonly place?: Place | undefined;
  readonly path: OptionPath;
  /** What is wrong. Never holds a secret. */
  readonly problem: string;
  /** What to do about it. */
  readonly fix?: string | undefined;
}

/** A configuration that cannot be used, with everything found wrong with it at once. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly issues: readonly ConfigIssue[];

  constructor(issues: readonly ConfigIssue[], options?: ErrorOptions) {
    super(issues.map(formatIssue).join('\n'), options);
    this.issues = issues;
  }
}

/** `modicum.yaml:3:5: server.port: what is wrong; what to do`. */
export function formatIssue({ file, place, path, problem, fix }: ConfigIssue): string {
  const where = [file, place?.line, place?.column].filter((part) => part !== undefined).join(':');
  return [where, formatPath(path), fix ? `${problem}; ${fix}` : problem].filter((part) => part !== '').join(': ');
}

/** `providers.local.models[2]`; a key with a dot or a space is quoted. */
export function formatPath(path: OptionPath): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else if (/^[\w$/:-]+$/.test(step)) text += text === '' ? step : `.${step}`;
    else text += `[${JSON.stringify(step)}]`;
  }
  return text;
}
