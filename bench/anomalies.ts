import { SeasonModel, seasonWeeks, sensitivities, type Sensitivity } from '../src/alerts/season.ts';
import { judge, type BenchOptions, type Figures } from './bench.ts';
import { firstAt, kinds, seriesOf, weekHours, type Kind } from './anomalies/series.ts';
import { CommandLineError, parseBenchArgs, positive } from './command-line.ts';
import { short, table } from './figures.ts';

export const summary =
  'false alarms and detection of anomalies on synthetic seasons with spikes and steps [--series] [--weeks] [--sensitivity]';

/** Known before anything is judged, so that the model has all the weeks it uses. */
const warmWeeks = seasonWeeks;
const warmHours = warmWeeks * weekHours;
const spikes = { spike2x: 2, spike3x: 3, spike5x: 5, gone: 0 } as const;
const steps = { step30: 1.3, step50: 1.5, step100: 2 } as const;
/** A step counts as found within this many hours. */
const stepHours = 72;

type Spike = keyof typeof spikes;
type Step = keyof typeof steps;

interface Tally {
  weeks: number;
  /** Runs of unusual hours in clean series: above, and on either side. */
  above: number;
  either: number;
  hours: number;
  readonly found: Record<Spike, number>;
  readonly stepsTried: Record<Step, number>;
  readonly stepsFound: Record<Step, number>;
  readonly delays: Record<Step, number[]>;
}

const newTally = (): Tally => ({
  weeks: 0,
  above: 0,
  either: 0,
  hours: 0,
  found: { spike2x: 0, spike3x: 0, spike5x: 0, gone: 0 },
  stepsTried: { step30: 0, step50: 0, step100: 0 },
  stepsFound: { step30: 0, step50: 0, step100: 0 },
  delays: { step30: [], step50: [], step100: [] },
});

const modelOf = (sensitivity: Sensitivity): SeasonModel => new SeasonModel({ bucket: 'hour', scale: 'log', sensitivity, firstAt });

/** Each hour of a clean series, as it is, and as it would be with a spike in it. A spike in one hour changes nothing before it. */
function clean(series: readonly number[], sensitivity: Sensitivity, tally: Tally): void {
  const model = modelOf(sensitivity);
  let [wasAbove, wasOff] = [false, false];
  for (const [hour, value] of series.entries()) {
    const expected = hour < warmHours ? undefined : model.expected();
    model.push(value);
    if (!expected) continue;
    const sustained = model.sustained();
    const isAbove = value > expected.high || (sustained?.factor ?? 0) > 1;
    const isOff = isAbove || value < expected.low || sustained !== undefined;
    if (isAbove && !wasAbove) tally.above += 1;
    if (isOff && !wasOff) tally.either += 1;
    [wasAbove, wasOff] = [isAbove, isOff];
    tally.hours += 1;
    for (const [name, factor] of Object.entries(spikes) as [Spike, number][])
      if (factor > 1 ? value * factor > expected.high : expected.low > 0) tally.found[name] += 1;
  }
  tally.weeks += series.length / weekHours - warmWeeks;
}

/** Hours until a step is seen, the first one 1; `undefined`: not in time. What was alarming before the step does not count. */
function stepDelay(series: readonly number[], at: number, factor: number, sensitivity: Sensitivity): number | undefined {
  const model = modelOf(sensitivity);
  for (let hour = 0; hour < at; hour += 1) model.push(series[hour]!);
  for (let hour = at; hour < at + stepHours; hour += 1) {
    const expected = model.expected();
    const value = series[hour]! * factor;
    model.push(value);
    if (expected && (value > expected.high || (model.sustained()?.factor ?? 0) > 1)) return hour - at + 1;
  }
  return undefined;
}

function stepped(series: readonly number[], seed: number, sensitivity: Sensitivity, tally: Tally): void {
  const room = series.length - warmHours - stepHours;
  for (const [index, [name, factor]] of (Object.entries(steps) as [Step, number][]).entries()) {
    const at = warmHours + ((seed * 7919 + index * 104_729) % room);
    const delay = stepDelay(series, at, factor, sensitivity);
    tally.stepsTried[name] += 1;
    if (delay === undefined) continue;
    tally.stepsFound[name] += 1;
    tally.delays[name].push(delay);
  }
}

interface Judged {
  readonly falseAlarmsPerWeek: number;
  readonly falseAlarmsPerWeekBothSides: number;
  readonly detection: Readonly<Record<Spike | Step, number>>;
  readonly delayHours: Readonly<Record<Step, number | null>>;
}

function judged(tallies: readonly Tally[]): Judged {
  const sum = (of: (tally: Tally) => number): number => tallies.reduce((total, tally) => total + of(tally), 0);
  const weeks = sum((tally) => tally.weeks);
  const share = <N extends string>(names: readonly N[], found: (tally: Tally, name: N) => number, of: (tally: Tally, name: N) => number) =>
    Object.fromEntries(names.map((name) => [name, sum((tally) => found(tally, name)) / sum((tally) => of(tally, name))])) as Record<
      N,
      number
    >;
  const [spikeNames, stepNames] = [Object.keys(spikes) as Spike[], Object.keys(steps) as Step[]];
  const middle = (values: readonly number[]): number | null => values.toSorted((left, right) => left - right)[values.length >> 1] ?? null;
  return {
    falseAlarmsPerWeek: sum((tally) => tally.above) / weeks,
    falseAlarmsPerWeekBothSides: sum((tally) => tally.either) / weeks,
    detection: {
      ...share(
        spikeNames,
        ({ found }, name) => found[name],
        ({ hours }) => hours,
      ),
      ...share(
        stepNames,
        ({ stepsFound }, name) => stepsFound[name],
        ({ stepsTried }, name) => stepsTried[name],
      ),
    },
    delayHours: Object.fromEntries(
      stepNames.map((name) => [name, middle(tallies.flatMap(({ delays }) => delays[name]))]),
    ) as Judged['delayHours'],
  };
}

function measured(kind: Kind, count: number, weeks: number, sensitivity: Sensitivity): Tally {
  const tally = newTally();
  for (let seed = 1; seed <= count; seed += 1) {
    const series = seriesOf(kind, weeks, seed);
    clean(series, sensitivity, tally);
    stepped(series, seed, sensitivity, tally);
  }
  return tally;
}

/** Series that are mostly chance have no goals: so few calls that one more is a multiple, or hours that double by themselves. */
const withoutGoals: ReadonlySet<string> = new Set(['small', 'wild']);
const perMonth = 365.25 / 12 / 7;

export async function run({ args, progress }: BenchOptions): Promise<Figures> {
  const given = parseBenchArgs(args, {
    series: { type: 'string', default: '10' },
    weeks: { type: 'string', default: '34' },
    sensitivity: { type: 'string', default: 'medium' },
  });
  const sensitivity = given.sensitivity as Sensitivity;
  if (!sensitivities.includes(sensitivity)) throw new CommandLineError(`--sensitivity is one of ${sensitivities.join(', ')}`);
  const [series, weeks] = [positive('series', given.series), positive('weeks', given.weeks)];
  if (weeks < warmWeeks + 2) throw new CommandLineError(`--weeks must be at least ${warmWeeks + 2}`);
  const tallies = Object.entries(kinds).map(([name, kind]) => {
    const tally = measured(kind, series, weeks, sensitivity);
    progress(`anomalies: ${series} series "${name}"`);
    return [name, tally] as const;
  });
  const all = judged(tallies.flatMap(([name, tally]) => (withoutGoals.has(name) ? [] : [tally])));
  return {
    series,
    weeks,
    sensitivity,
    ...all,
    byKind: Object.fromEntries(tallies.map(([name, tally]) => [name, judged([tally])])),
    goals: [
      { name: 'false alarms a month and series', value: all.falseAlarmsPerWeek * perMonth, unit: '', max: 1 },
      { name: 'hours with 3 times the usual that are found', value: all.detection.spike3x * 100, unit: '%', min: 95 },
      { name: 'steps of 50 % that are found within 72 hours', value: all.detection.step50 * 100, unit: '%', min: 95 },
      { name: 'steps of 30 % that are found within 72 hours', value: all.detection.step30 * 100, unit: '%', min: 75 },
    ].map(judge),
  };
}

const percent = (value: number): string => `${(value * 100).toFixed(1)} %`;

export function markdown(figures: Figures): string {
  const { byKind, series, weeks, sensitivity } = figures as unknown as {
    readonly byKind: Readonly<Record<string, Judged>>;
    readonly series: number;
    readonly weeks: number;
    readonly sensitivity: string;
  };
  const names = [...Object.keys(spikes), ...Object.keys(steps)] as (Spike | Step)[];
  const rows = Object.entries(byKind).map(([kind, one]) => [
    kind,
    short(one.falseAlarmsPerWeek * perMonth),
    short(one.falseAlarmsPerWeekBothSides * perMonth),
    ...names.map((name) => percent(one.detection[name])),
    ...Object.values(one.delayHours).map((hours) => (hours === null ? '-' : String(hours))),
  ]);
  const head = ['series', 'false alarms a month', 'both sides', ...names, ...Object.keys(steps).map((name) => `${name}: median hours`)];
  return [
    `${series} series of each kind, ${weeks} weeks of hours of which the first ${warmWeeks} are history only; sensitivity ${sensitivity}. Steps count within ${stepHours} hours. "Both sides" counts low values too, holidays among them.`,
    table(head, rows),
  ].join('\n\n');
}
