import { readdirSync, readFileSync } from 'node:fs';

/** CPU time of the threads of one process, by thread name, in microseconds. Linux only. */
export type ThreadCpu = Readonly<Record<string, number>>;

/** The process whose command line holds `text`; `undefined` while there is none. */
export function processWith(text: string): number | undefined {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const found = pids.find((pid) => {
    const line = readOrEmpty(`/proc/${pid}/cmdline`);
    return line.includes(text) && line.startsWith('/') && !line.includes('bench.mjs');
  });
  return found === undefined ? undefined : Number(found);
}

export function threadCpu(pid: number): ThreadCpu {
  const sums: Record<string, number> = {};
  for (const thread of readOrNone(`/proc/${pid}/task`)) {
    const name = readOrEmpty(`/proc/${pid}/task/${thread}/comm`).trim();
    const nanoseconds = Number(readOrEmpty(`/proc/${pid}/task/${thread}/schedstat`).split(' ')[0]);
    sums[name] = (sums[name] ?? 0) + nanoseconds / 1000;
  }
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
