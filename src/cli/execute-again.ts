import { existsSync } from 'node:fs';
import { settingsFor, settingsVariable } from '../cluster/node-settings.ts';

/** The process, as far as it is needed to put the same program anew into it. */
export type Replaceable = Pick<NodeJS.Process, 'argv' | 'env' | 'execArgv' | 'execPath'> & {
  readonly execve?: (file: string, args: readonly string[], env: NodeJS.ProcessEnv) => void;
  /** There where another process speaks to this one by messages: that connection would not live on. */
  readonly send?: unknown;
};

/** Who debugs or watches has hold of this image of the program, not of the next one. */
const isHeld = /^--(?:inspect|watch|test)/;

/**
 * Puts the program into this process once more, with what keeps its memory small: Node takes these settings from its start only. Process id,
 * terminal and standard streams stay. Does not return where it does so; returns where nothing is missing, where the system cannot
 * (Windows, Node before 22.15) and where `MODICUM_NODE_SETTINGS` is `off`.
 */
export function executeAgainWithSettings(process: Replaceable): void {
  const { argv, env, execArgv, execPath, execve, send } = process;
  if (!execve || env[settingsVariable] !== undefined || send !== undefined || execArgv.some((flag) => isHeld.test(flag))) return;
  const settings = settingsFor(process);
  const isComplete = settings.flags.length === 0 && Object.keys(settings.env).length === 0;
  if (isComplete || !existsSync(execPath)) return; // a file that is not there would end the process
  const args = [execPath, ...settings.flags, ...execArgv, ...argv.slice(1)];
  execve.call(process, execPath, args, { ...env, ...settings.env, [settingsVariable]: 'done' });
}
