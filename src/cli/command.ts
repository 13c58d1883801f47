import type { Arguments } from './arguments.ts';
import type { ExitCode } from './errors.ts';
import type { Terminal } from './terminal.ts';

/** `flag` also takes `--no-NAME`; `list` may be given several times; `time` is read by `time.ts`. */
export type OptionType = 'flag' | 'text' | 'path' | 'number' | 'time' | 'list';

export interface CommandOption {
  readonly name: `--${string}`;
  readonly type: OptionType;
  /** Shown in help. The command applies it, since it may depend on the configuration. */
  readonly default?: string | number | boolean;
  readonly description: string;
}

export type Run = (given: Arguments, terminal: Terminal) => Promise<ExitCode>;

/** A command as data, so that help, reference and parsing cannot disagree. Its code is loaded when it runs. */
export interface Command {
  readonly name: string;
  readonly summary: string;
  readonly usage: string;
  readonly options: readonly CommandOption[];
  readonly examples?: readonly { readonly command: string; readonly description: string }[];
  /** How many words may stand beside the options; none when left out. */
  readonly words?: { readonly least: number; readonly most: number };
  readonly load: () => Promise<{ readonly run: Run }>;
}
