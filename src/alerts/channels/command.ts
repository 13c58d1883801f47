import { spawn } from 'node:child_process';
import { DeliveryError, type Channel } from './channel.ts';

export interface CommandOptions {
  readonly name: string;
  /** Program and arguments; no shell reads them. */
  readonly command: readonly [string, ...string[]];
  readonly timeoutMs: number;
  /** Of the gateway: only `PATH`, `HOME`, `LANG` and `TZ` go on, no keys. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

const passed = ['PATH', 'HOME', 'LANG', 'TZ'] as const;

/** Runs a program for each message, which stands on its input as JSON. It is killed when its time is over. */
export const command = ({ name, command: [program, ...words], timeoutMs, env }: CommandOptions): Channel => ({
  name,
  type: 'command',
  send: (message, signal) =>
    new Promise((resolve, reject) => {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
      const child = spawn(program, words, {
        stdio: ['pipe', 'ignore', 'ignore'],
        env: Object.fromEntries(passed.flatMap((variable) => (env[variable] === undefined ? [] : [[variable, env[variable]]]))),
        signal: limit,
        killSignal: 'SIGKILL',
      });
      child.once(
        'error',
        (cause: NodeJS.ErrnoException) =>
        reject(limit.aborted ? new DeliveryError('it took too long and was ended') : new DeliveryError(`it cannot be run: ${cause.code}`, { cause, isFinal: true })), // prettier-ignore
      );
      child.once('close', (code) => (code === 0 ? resolve() : reject(new DeliveryError(`it ended with ${code ?? 'a signal'}`))));
      child.stdin.on('error', () => undefined); // a program need not read it
      child.stdin.end(`${JSON.stringify(message)}\n`);
    }),
});
