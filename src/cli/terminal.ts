import { styleText } from 'node:util';
import type { Environment } from '../config/interpolate.ts';

export type Style = Parameters<typeof styleText>[0];

/** Everything a command touches of the process, so that tests can stand in for it. Data goes to `out`, all else to `err`. */
export interface Terminal {
  /** Writes as it is. */
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Styled when the stream shows colours, else as it is. */
  readonly paint: Paint;
  readonly paintErr: Paint;
  /** Columns of the output; 100 where nobody says. */
  readonly columns: number;
  readonly isTerminal: boolean;
  readonly errIsTerminal: boolean;
  readonly env: Environment;
  readonly cwd: string;
  /** Aborted by the first ctrl-C or SIGTERM; the second one ends the process at once. Asked for by commands that run long. */
  readonly interrupted: () => AbortSignal;
}

export type Paint = (style: Style, text: string) => string;

export const defaultColumns = 100;
/** Narrower than this, lines wrap. */
export const minColumns = 60;

/** The real one. */
export function processTerminal({ stdout, stderr, env }: NodeJS.Process): Terminal {
  return {
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    paint: painter(showsColors(env, stdout.isTTY)),
    paintErr: painter(showsColors(env, stderr.isTTY)),
    columns: columnsOf(env, stdout.columns),
    isTerminal: stdout.isTTY ?? false,
    errIsTerminal: stderr.isTTY ?? false,
    env,
    cwd: process.cwd(),
    interrupted: interruption(),
  };
}

export const painter =
  (colors: boolean): Paint =>
  (style, text) =>
    colors ? styleText(style, text, { validateStream: false }) : text;

/** `NO_COLOR` and `FORCE_COLOR` as https://no-color.org and Node have them; else colours on terminals only. */
export function showsColors(env: Environment, isTerminal: boolean | undefined): boolean {
  const { FORCE_COLOR: force, NO_COLOR: none, TERM: kind } = env;
  if (force !== undefined && force !== '') return force !== '0' && force !== 'false';
  return !none && isTerminal === true && kind !== 'dumb';
}

export function columnsOf(env: Environment, columns: number | undefined): number {
  const asked = /^\d{1,4}$/.test(env['COLUMNS'] ?? '') ? Number(env['COLUMNS']) : columns;
  return Math.max(asked || defaultColumns, minColumns);
}

function interruption(): () => AbortSignal {
  let controller: AbortController | undefined;
  return () => {
    if (controller) return controller.signal;
    const made = (controller = new AbortController());
    const onSignal = (): void => (made.signal.aborted ? process.exit(130) : made.abort());
    process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
    return made.signal;
  };
}
