import { watch, type FSWatcher } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { ConfigError } from './config-error.ts';
import { loadConfig, type LoadedConfig, type LoadOptions } from './load.ts';

export interface WatchOptions extends LoadOptions {
  readonly path: string;
  /** Writes this close together are one change. */
  readonly debounceMs?: number;
  /** How often the file is looked at besides, where the system tells no changes (network folders, containers). */
  readonly pollMs?: number;
}

export interface ConfigWatcher {
  close(): void;
}

/**
 * Loads the configuration anew when its file changes. `onChange` gets one that is valid; `onError` is told what is wrong, and the caller keeps the one it has.
 * A file that is gone for good counts as no change.
 */
export function watchConfig(
  { debounceMs = 100, pollMs = 2000, ...options }: WatchOptions,
  onChange: (loaded: LoadedConfig) => void,
  onError: (error: ConfigError) => void,
): ConfigWatcher {
  const path = resolve(options.cwd, options.path);
  let closed = false;
  let timer: NodeJS.Timeout | undefined;
  let turn = Promise.resolve();
  // Until the first look is done there is nothing to compare with.
  let seen = stampOf(path);

  const reload = async (): Promise<void> => {
    const before = await seen;
    const now = await stampOf(path);
    if (closed || now === undefined || now === before) return;
    seen = Promise.resolve(now);
    const loaded = await loadConfig(options).catch((error: unknown) => asConfigError(error));
    if (closed) return;
    if (loaded instanceof ConfigError) onError(loaded);
    else onChange(loaded);
  };
  const soon = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      turn = turn.then(reload);
    }, debounceMs);
  };

  const watcher = folderWatcher(path, soon);
  const poll = setInterval(() => {
    turn = turn.then(reload);
  }, pollMs).unref();
  return {
    close() {
      closed = true;
      clearTimeout(timer);
      clearInterval(poll);
      watcher?.close();
    },
  };
}

/** Changes whenever the file does; `undefined` while there is none. */
const stampOf = (path: string): Promise<string | undefined> =>
  stat(path, { bigint: true }).then(
    ({ mtimeNs, size, ino }) => `${mtimeNs} ${size} ${ino}`,
    () => undefined,
  );

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
