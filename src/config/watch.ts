import { statSync, watch, type BigIntStats, type FSWatcher } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { ConfigError } from './config-error.ts';
import { loadConfig, type LoadedConfig, type LoadOptions } from './load.ts';

export interface WatchOptions extends LoadOptions {
  readonly path: string;
  /** How long a file must stay as it is before it is read: writes this close together are one change. */
  readonly debounceMs?: number;
  /** How often the file is looked at besides, where the system tells no changes (network folders, containers). */
  readonly pollMs?: number;
}

export interface ConfigWatcher {
  close(): void;
}

/**
 * Loads the configuration anew when its file changes. `onChange` gets one that is valid; `onError` is told what is wrong, and the caller keeps the one it has.
 * A file that is gone, or empty as while it is being written, is no change.
 */
export function watchConfig(
  { debounceMs = 50, pollMs = 2000, ...options }: WatchOptions,
  onChange: (loaded: LoadedConfig) => void,
  onError: (error: ConfigError) => void,
): ConfigWatcher {
  const path = resolve(options.cwd, options.path);
  let closed = false;
  let timer: NodeJS.Timeout | undefined;
  let turn = Promise.resolve();
  // Taken at once: a change made while a first look is under way would pass for what was loaded.
  let loadedStamp = stampNow(path);
  let lastStamp: string | undefined;

  const look = async (): Promise<void> => {
    const now = await stampOf(path);
    if (closed || now === undefined || now === loadedStamp) return;
    // Twice the same, a while apart: the writer is done.
    if (now !== lastStamp) {
      lastStamp = now;
      return soon();
    }
    const outcome = await loadConfig(options).catch((error: unknown) => asConfigError(error));
    if (closed) return;
    if ((await stampOf(path)) !== now) return soon();
    loadedStamp = now;
    if (outcome instanceof ConfigError) onError(outcome);
    else onChange(outcome);
  };
  const inTurn = (): void => {
    turn = turn.then(look);
  };
  const soon = (): void => {
    clearTimeout(timer);
    if (!closed) timer = setTimeout(inTurn, debounceMs);
  };

  const watcher = folderWatcher(path, soon);
  const poll = setInterval(inTurn, pollMs).unref();
  return {
    close() {
      closed = true;
      clearTimeout(timer);
      clearInterval(poll);
      watcher?.close();
    },
  };
}

/** Changes whenever the file does; `undefined` while there is none, or nothing in it. */
const stampOf = (path: string): Promise<string | undefined> => stat(path, { bigint: true }).then(stampIn, () => undefined);

function stampNow(path: string): string | undefined {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats && stampIn(stats);
}

const stampIn = ({ mtimeNs, size, ino }: BigIntStats): string | undefined => (size === 0n ? undefined : `${mtimeNs} ${size} ${ino}`);

/** Watches the folder, since editors put a new file in the place of the old. `undefined` where that cannot be done: then polling alone sees changes. */
function folderWatcher(path: string, onEvent: () => void): FSWatcher | undefined {
  try {
    const name = basename(path);
    const watcher = watch(dirname(path), { persistent: false }, (_, changed) => {
      if (changed === null || changed === name) onEvent();
    });
    return watcher.on('error', () => watcher.close());
  } catch {
    return undefined;
  }
}

const asConfigError = (error: unknown): ConfigError =>
  error instanceof ConfigError ? error : new ConfigError([{ path: [], problem: `cannot be loaded: ${String(error)}` }], { cause: error });
