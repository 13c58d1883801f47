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
 * V8 lets the space for new objects grow to 2 x 16 MB and more, and scans none of it more cheaply for that: what a call makes is garbage
 * long before. A smaller one is also collected more often, and with it the bodies that wait outside of the heap.
 */
const v8Flags = [{ flag: '--max-semi-space-size=8', isSet: /--(?:max|min)[-_]semi[-_]space[-_]size|--semi[-_]space[-_]growth/ }] as const;

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
