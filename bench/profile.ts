import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BenchOptions, Figures } from './bench.ts';
import { parseBenchArgs, positive } from './command-line.ts';
import { functionTimes, sumBy, type CpuProfile, type FunctionTime } from './cpu-profile.ts';
import { short, table } from './figures.ts';
import { prepareKit, type Kit } from './kit.ts';
import { runKit } from './load.ts';
import { bare, modicum, writeSystems } from './systems.ts';
import { processWith, threadCpu, type ThreadCpu } from './threads.ts';

export const summary =
  'where the CPU of the gateway goes under load, function by function, beside the bare proxy [--seconds --phases --top --keep]';

const flags = {
  seconds: { type: 'string', default: '6' },
  phases: { type: 'string', default: '1k,20k,200k,sse' },
  top: { type: 'string', default: '40' },
  keep: { type: 'boolean', default: false },
} as const;

/** Loading, warm-up and compiling: the first of a process that does not count. */
const skipUs = 2_500_000;

/** One thread of a process, from its profile. */
interface ThreadProfile {
  readonly thread: string;
  readonly byOrigin: Readonly<Record<string, number>>;
  readonly byFile: Readonly<Record<string, number>>;
  readonly functions: readonly FunctionTime[];
  /** Own functions by self and callees. */
  readonly inclusive: readonly FunctionTime[];
}

interface ProcessProfile {
  /** Under the profiler, which costs CPU itself. */
  readonly cpuUs: number | undefined;
  /** Shares of the CPU of the process, by thread name as the kernel has it. */
  readonly threads: ThreadCpu;
  readonly profiles: readonly ThreadProfile[];
}

export async function run({ kitDir, progress, args }: BenchOptions): Promise<Figures> {
  const { seconds, phases, top, keep } = parseBenchArgs(args, flags);
  const kit = prepareKit(kitDir, { peers: false, progress });
  const found: Record<string, Record<string, ProcessProfile>> = {};
  for (const phase of phases.split(',')) found[phase] = await profiled(kit, phase, { seconds, top: positive('top', top) });
  if (keep) progress(`profiles stay in ${kit.root}/profiles`);
  else kit.remove();
  return { seconds: Number(seconds), phases: found };
}

interface ProfileOptions {
  readonly seconds: string;
  readonly top: number;
}

async function profiled(kit: Kit, phase: string, { seconds, top }: ProfileOptions): Promise<Record<string, ProcessProfile>> {
  const folders = { bare: join(kit.root, 'profiles', phase, 'bare'), modicum: join(kit.root, 'profiles', phase, 'modicum') };
  for (const folder of Object.values(folders)) mkdirSync(folder, { recursive: true });
  const flagsFor = (folder: string): readonly string[] => ['--cpu-prof', `--cpu-prof-dir=${folder}`];
  const systems = writeSystems(kit, [bare(flagsFor(folders.bare)), modicum(flagsFor(folders.modicum))], []);
  const watches = Object.values(folders).map(watchThreads);
  const { runs } = await runKit(kit, systems, { rounds: '1', seconds, phases: phase });
  return Object.fromEntries(
    Object.entries(folders).map(([name, folder], index) => [
      name,
      { cpuUs: runs.find(({ system }) => system === name)?.cpu_us, threads: watches[index]!(), profiles: profilesIn(folder, top) },
    ]),
  );
}

/** Looks at the threads of the process that profiles into `folder` until the returned function asks for the shares. */
function watchThreads(folder: string): () => ThreadCpu {
  let first: ThreadCpu = {};
  let last: ThreadCpu = {};
  let looks = 0;
  const everyMs = 250;
  const timer = setInterval(() => {
    const pid = processWith(`--cpu-prof-dir=${folder}`);
    const now = pid === undefined ? {} : threadCpu(pid);
    if (Object.keys(now).length === 0) return;
    looks += 1;
    if (looks * everyMs * 1000 <= skipUs) first = now;
    last = now;
  }, everyMs);
  return () => {
    clearInterval(timer);
    const spent = Object.entries(last).map(([name, us]) => [name, us - (first[name] ?? 0)] as const);
    const sum = spent.reduce((total, [, us]) => total + us, 0);
    return Object.fromEntries(spent.map(([name, us]) => [name, us / sum]));
  };
}

function profilesIn(folder: string, top: number): readonly ThreadProfile[] {
  const files = readdirSync(folder).filter((name) => name.endsWith('.cpuprofile'));
  return files.sort().map((file) => threadProfile(threadOf(file), JSON.parse(readFileSync(join(folder, file), 'utf8')) as CpuProfile, top));
}

/** `CPU.date.time.pid.thread.sequence.cpuprofile` */
const threadOf = (file: string): string => (file.split('.')[4] === '0' ? 'main' : `worker ${file.split('.')[4]}`);

function threadProfile(thread: string, profile: CpuProfile, top: number): ThreadProfile {
  const functions = functionTimes(profile, skipUs);
  const own = functions.filter(({ origin }) => origin === 'modicum');
  return {
    thread,
    byOrigin: Object.fromEntries(sumBy(functions, ({ origin }) => origin)),
    byFile: Object.fromEntries(sumBy(functions, ({ origin, place }) => (place === '' ? origin : place)).slice(0, top)),
    functions: functions.slice(0, top),
    inclusive: own.toSorted((a, b) => b.total - a.total).slice(0, top),
  };
}

const percent = (share: number): string => `${short(100 * share)} %`;
const shares = (sums: Readonly<Record<string, number>>): readonly (readonly string[])[] =>
  Object.entries(sums).map(([name, share]) => [name, percent(share)]);

export function markdown(figures: Figures): string {
  const phases = figures['phases'] as Readonly<Record<string, Readonly<Record<string, ProcessProfile>>>>;
  return Object.entries(phases)
    .flatMap(([phase, processes]) => Object.entries(processes).map(([name, found]) => processText(`${phase}: ${name}`, found)))
    .join('\n\n');
}

const processText = (title: string, { cpuUs, threads, profiles }: ProcessProfile): string =>
  [
    `### ${title}, ${short(cpuUs)} us per request under the profiler`,
    table(['thread', 'CPU'], shares(threads)),
    ...profiles.map(threadText),
  ].join('\n\n');

const threadText = ({ thread, byOrigin, byFile, functions, inclusive }: ThreadProfile): string =>
  [
    `#### Thread ${thread}`,
    table(['origin', 'self'], shares(byOrigin)),
    table(['file', 'self'], shares(byFile)),
    table(
      ['function', 'place', 'self'],
      functions.map(({ name, place, origin, self }) => [name, place || origin, percent(self)]),
    ),
    table(
      ['own function', 'place', 'with what it calls'],
      inclusive.map(({ name, place, total }) => [name, place, percent(total)]),
    ),
  ].join('\n\n');
