import type { Environment } from '../config/interpolate.ts';

/** A process as far as its settings go. */
export interface NodeProcess {
  /** Flags of Node before the program. */
  readonly execArgv: readonly string[];
  readonly env: Environment;
}

export interface NodeSettings {
  readonly flags: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** `off`: the program runs as it was started. Set to `done` where the settings were given. */
export const settingsVariable = 'MODICUM_NODE_SETTINGS';

/**
 * The space for new objects. V8 sizes it by the memory of the machine; with half of this a call of 200 KB costs a fifth more, since what calls
 * under way hold is copied with each collection, and with twice this memory grows by tens of MB for nothing.
 */
const v8Flags = [{ flag: '--max-semi-space-size=16', isSet: /--(?:max|min)[-_]semi[-_]space[-_]size|--semi[-_]space[-_]growth/ }] as const;

/**
 * The allocator of glibc keeps an arena for every few threads, and gives none of them back: 75 MB for the threads that Node starts. They
 * allocate little, so that one arena keeps nobody waiting.
 */
const maxArenas = '1';
const replacesAllocator = /malloc|mimalloc/;

/** What a process that serves lacks to need less memory. What the user has set stays. */
export function settingsFor({ execArgv, env }: NodeProcess): NodeSettings {
  if (env[settingsVariable] === 'off') return { flags: [], env: {} };
  const given = [...execArgv, env['NODE_OPTIONS'] ?? ''].join(' ');
  return {
    flags: v8Flags.flatMap(({ flag, isSet }) => (isSet.test(given) ? [] : [flag])),
    env: setsArenas(env) ? {} : { MALLOC_ARENA_MAX: maxArenas },
  };
}

const setsArenas = (env: Environment): boolean =>
  env['MALLOC_ARENA_MAX'] !== undefined ||
  (env['GLIBC_TUNABLES'] ?? '').includes('arena_max') ||
  replacesAllocator.test(env['LD_PRELOAD'] ?? '');
