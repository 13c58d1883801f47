import { styleText } from 'node:util';

export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** What is said beside the message. Never bodies, headers or credentials. */
export type LogFields = Readonly<Record<string, unknown>>;

export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

export interface LogOptions {
  /** The least important messages written. */
  readonly level: LogLevel;
  /** `json`: one object a line. `text`: for people. */
  readonly format: 'text' | 'json';
  /** Takes one line, its newline included. */
  readonly write: (line: string) => void;
  readonly colors?: boolean;
  readonly now?: () => Date;
}

/** Characters kept of a field's value. */
export const maxFieldLength = 4000;

type Level = Exclude<LogLevel, 'silent'>;

export function createLog({ level, format, write, colors = false, now = () => new Date() }: LogOptions): Log {
  const least = logLevels.indexOf(level);
  const line = format === 'json' ? jsonLine : textLine;
  const at =
    (own: Level) =>
    (message: string, fields: LogFields = {}): void => {
      if (logLevels.indexOf(own) >= least) write(line({ time: now().toISOString(), level: own, message, fields, colors }));
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

interface Entry {
  readonly time: string;
  readonly level: Level;
  readonly message: string;
  readonly fields: LogFields;
  readonly colors: boolean;
}

const jsonLine = ({ time, level, message, fields }: Entry): string =>
  `${JSON.stringify({ time, level, message, ...Object.fromEntries(shown(fields)) })}\n`;

const hues = { debug: 'gray', info: 'cyan', warn: 'yellow', error: 'red' } as const satisfies Record<Level, string>;

function textLine({ time, level, message, fields, colors }: Entry): string {
  const mark = level.padEnd(5);
  const details = shown(fields).map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  const head = colors ? styleText(hues[level], mark, { validateStream: false }) : mark;
  return `${[time.slice(11, 19), head, message, ...details].join(' ')}\n`;
}

const shown = (fields: LogFields): readonly (readonly [string, unknown])[] =>
  Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, short(value)] as const]));

function short(value: unknown): unknown {
  const text = value instanceof Error ? (value.stack ?? value.message) : value;
  return typeof text === 'string' && text.length > maxFieldLength ? `${text.slice(0, maxFieldLength)} (shortened)` : text;
}
