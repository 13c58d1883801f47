import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { BenchOptions, Figures } from './bench.ts';
import { parseBenchArgs, positive } from './command-line.ts';
import { functionTimes, sumBy, timesByCaller, type CpuProfile, type FunctionTime, type Window } from './cpu-profile.ts';
import { short, table } from './figures.ts';
import { prepareKit, type Kit } from './kit.ts';
import { runKit } from './load.ts';
import { bare, entry, modicum, writeSystems } from './systems.ts';
import { watchThreads } from './threads.ts';

export const summary =
  'where the CPU of the gateway goes under load, function by function, beside the bare proxy [--seconds --phases --top --program FILE --keep]';

const flags = {
  seconds: { type: 'string', default: '6' },
  phases: { type: 'string', default: '1k,20k,200k,sse' },
  top: { type: 'string', default: '40' },
  program: { type: 'string' },
  keep: { type: 'boolean', default: false },
} as const;

/** One thread of a process, from its profile. */
interface ThreadProfile {
  readonly thread: string;
  readonly byOrigin: Readonly<Record<string, number>>;
  readonly byFile: Readonly<Record<string, number>>;
  readonly functions: readonly FunctionTime[];
  /** Time of everything, native code too, by the innermost own function that called for it. */
  readonly byCaller: Readonly<Record<string, number>>;
  /** Own functions, with all they call. */
  readonly inclusive: readonly FunctionTime[];
}

interface ProcessProfile {
  /** Under the profiler, which costs CPU itself. */
  readonly cpuUs: number | undefined;
  /** Shares of the CPU of the process, by thread name as the kernel has it. */
  readonly threads: Readonly<Record<string, number>>;
  readonly profiles: readonly ThreadProfile[];
}

export async function run({ kitDir, progress, args }: BenchOptions): Promise<Figures> {
  const { seconds, phases, top, keep, program = entry() } = parseBenchArgs(args, flags);
  const kit = prepareKit(kitDir, { peers: false, progress });
  const found: Record<string, Record<string, ProcessProfile>> = {};
  for (const phase of phases.split(','))
    found[phase] = await profiled(kit, phase, { seconds, top: positive('top', top), program: resolve(program) });
  if (keep) progress(`profiles stay in ${kit.root}/profiles`);
  else kit.remove();
  return { seconds: Number(seconds), phases: found };
}

interface ProfileOptions {
  readonly seconds: string;
  readonly top: number;
  readonly program: string;
}

async function profiled(kit: Kit, phase: string, { seconds, top, program }: ProfileOptions): Promise<Record<string, ProcessProfile>> {
  const folders = { bare: join(kit.root, 'profiles', phase, 'bare'), modicum: join(kit.root, 'profiles', phase, 'modicum') };
  for (const folder of Object.values(folders)) mkdirSync(folder, { recursive: true });
  const flagsFor = (folder: string): readonly string[] => ['--cpu-prof', `--cpu-prof-dir=${folder}`];
  const systems = writeSystems(kit, [bare(flagsFor(folders.bare)), modicum(program, flagsFor(folders.modicum))], []);
  const watches = Object.values(folders).map((folder) => watchThreads(`--cpu-prof-dir=${folder}`));
  const ends = new Map<string, number>();
  const onLine = (line: string): void => void (line.startsWith('round ') && ends.set(line.split(/\s+/)[3]!, nowUs() - settleUs));
  const { runs } = await runKit(kit, systems, { options: { rounds: '1', seconds, phases: phase }, onLine });
  return Object.fromEntries(
    Object.entries(folders).map(([name, folder], index) => {
      const toUs = ends.get(name) ?? nowUs();
      const window = { fromUs: toUs - Number(seconds) * 1e6, toUs };
      const cpuUs = runs.find(({ system }) => system === name)?.cpu_us;
      return [name, { cpuUs, threads: watches[index]!(window), profiles: profilesIn(folder, window, top) }];
    }),
  );
}

const nowUs = (): number => Number(process.hrtime.bigint() / 1000n);

/** How long after the end of a measurement the kit reports it: in between, requests cut off are given up, which is not what is measured. */
const settleUs = 80_000;

function profilesIn(folder: string, window: Window, top: number): readonly ThreadProfile[] {
  const files = readdirSync(folder).filter((name) => name.endsWith('.cpuprofile'));
  return files
    .sort()
    .map((file) => threadProfile(threadOf(file), JSON.parse(readFileSync(join(folder, file), 'utf8')) as CpuProfile, { window, top }));
}

/** `CPU.date.time.pid.thread.sequence.cpuprofile` */
const threadOf = (file: string): string => (file.split('.')[4] === '0' ? 'main' : `worker ${file.split('.')[4]}`);

function threadProfile(
  thread: string,
  profile: CpuProfile,
  { window, top }: { readonly window: Window; readonly top: number },
): ThreadProfile {
  const functions = functionTimes(profile, window);
  const own = functions.filter(({ origin }) => origin === 'modicum');
  return {
    thread,
    byOrigin: Object.fromEntries(sumBy(functions, ({ origin }) => origin)),
    byFile: Object.fromEntries(sumBy(functions, ({ origin, place }) => (place === '' ? origin : place)).slice(0, top)),
    functions: functions.slice(0, top),
    byCaller: Object.fromEntries(timesByCaller(profile, window).slice(0, top)),
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

const threadText = ({ thread, byOrigin, byFile, functions, byCaller, inclusive }: ThreadProfile): string =>
  [
    `#### Thread ${thread}`,
    table(['origin', 'self'], shares(byOrigin)),
    table(['file', 'self'], shares(byFile)),
    table(
      ['function', 'place', 'self'],
      functions.map(({ name, place, origin, self }) => [name, place || origin, percent(self)]),
    ),
    table(['innermost own function, with native and library code it calls', 'share'], shares(byCaller)),
    table(
      ['own function', 'place', 'with all it calls'],
      inclusive.map(({ name, place, total }) => [name, place, percent(total)]),
    ),
  ].join('\n\n');
