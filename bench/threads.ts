import { readdirSync, readFileSync } from 'node:fs';
import type { Window } from './cpu-profile.ts';

const lookEveryMs = 200;

/** CPU time of a thread up to a moment of the monotonic clock, both in microseconds. */
interface Look {
  readonly atUs: number;
  readonly cpuUs: number;
}
interface Thread {
  readonly name: string;
  readonly looks: Look[];
}

/**
 * Looks at the threads of the process with `text` on its command line, again and again, until the returned function asks for the share
 * each thread has in the CPU time of a window, by thread name. Linux only.
 */
export function watchThreads(text: string): (window: Window) => Readonly<Record<string, number>> {
  const threads = new Map<string, Thread>();
  const timer = setInterval(() => {
    const pid = processWith(text);
    if (pid !== undefined) for (const id of readOrNone(`/proc/${pid}/task`)) look(threads, pid, id);
  }, lookEveryMs);
  return (window) => {
    clearInterval(timer);
    return shares([...threads.values()].map(({ name, looks }) => ({ name, us: cpuWithin(looks, window) })));
  };
}

/** The process whose command line holds `text`. */
function processWith(text: string): number | undefined {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const found = pids.find((pid) => readOrEmpty(`/proc/${pid}/cmdline`).includes(text));
  return found === undefined ? undefined : Number(found);
}

function look(threads: Map<string, Thread>, pid: number, id: string): void {
  const cpuUs = Number(readOrEmpty(`/proc/${pid}/task/${id}/schedstat`).split(' ')[0]) / 1000;
  const name = id === String(pid) ? 'main' : readOrEmpty(`/proc/${pid}/task/${id}/comm`).trim();
  if (name === '') return;
  const thread = threads.get(id) ?? { name, looks: [] };
  thread.looks.push({ atUs: Number(process.hrtime.bigint() / 1000n), cpuUs });
  threads.set(id, thread);
}

function cpuWithin(looks: readonly Look[], { fromUs, toUs }: Window): number {
  const within = looks.filter(({ atUs }) => atUs >= fromUs && atUs <= toUs);
  return within.length < 2 ? 0 : within.at(-1)!.cpuUs - within[0]!.cpuUs;
}

function shares(threads: readonly { readonly name: string; readonly us: number }[]): Readonly<Record<string, number>> {
  const all = threads.reduce((sum, { us }) => sum + us, 0);
  const sums: Record<string, number> = {};
  for (const { name, us } of threads) if (us > 0) sums[name] = (sums[name] ?? 0) + us / all;
  return sums;
}

/** Threads and processes end while they are looked at. */
function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function readOrNone(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
