import { bucketStarts, dayMs, evenBuckets, hourMs, isCalendar } from '../../analytics/calendar.ts';
import { countsTokenCounting } from '../../analytics/check.ts';
import { maxBuckets, type SumsRequest } from '../../analytics/engine.ts';
import type { Dimension } from '../../analytics/query.ts';
import { isDistinct, isHistogram, type DistinctSum, type SumName } from '../../analytics/sums.ts';
import type { Stretch } from './condition.ts';
import { kinds, modelKind, personKinds, personSums, quarterMs, seenKinds, timedLabels } from './kinds.ts';

/** A table with sums of whole units of time. */
interface Level {
  readonly table: 'rollup_hour' | 'rollup_day' | 'person_day' | 'seen_day';
  readonly kind: number;
  readonly unitMs: number;
}

/** A stretch of whole units, and where they are. */
export interface RolledStretch extends Level {
  readonly from: number;
  readonly to: number;
}

export interface Plan {
  /** The label of the rollup beside the model; `undefined`: the model alone. */
  readonly label: Dimension | undefined;
  /** The widest units first. */
  readonly rolled: readonly RolledStretch[];
  /** What the rollups lack: the edges of the span, and rows that are in no rollup yet. */
  readonly rows: readonly Stretch[];
}

/** The stretches to read rows of when no rollup can answer. */
const rowsOnly = ({ from, to }: SumsRequest): Plan => ({ label: undefined, rolled: [], rows: [{ from, to }] });

/** Which rollups answer a question, and which rows are to be read beside them. `through`: how far the rollups reach. */
export function planOf(request: SumsRequest, through: number): Plan {
  const label = labelOf(request);
  const levels = label === false ? undefined : levelsOf(request, label);
  return label === false || levels === undefined ? rowsOnly(request) : plannedBy(request, levels, through, label);
}

function plannedBy(request: SumsRequest, levels: readonly Level[], through: number, label?: Dimension): Plan {
  const rolled = stretchesOf(
    request,
    levels.filter(({ unitMs }) => fits(request, unitMs)),
  );
  return rolled.length === 0 ? rowsOnly(request) : { label, rolled, rows: restOf(request, rolled, through) };
}

/** The one label beside the model that a question speaks of; `false`: there are several. */
function labelOf({ dimensions, filters }: SumsRequest): Dimension | undefined | false {
  const spoken = new Set([...dimensions, ...filters.map(({ dimension }) => dimension)]);
  spoken.delete('model');
  return spoken.size > 1 ? false : [...spoken][0];
}

/** The rollups by a label, the widest units first. */
function levelsOf(request: SumsRequest, label: Dimension | undefined): readonly Level[] | undefined {
  if (countsTokenCounting(request)) return undefined; // token counting is in no rollup
  if (label === 'user' || label === 'key') return personLevels(request, label);
  const isTimed = [...request.needs].some(isHistogram);
  const kind = label === undefined ? modelKind : isTimed && !timedLabels.has(label) ? undefined : kinds.get(label)?.number;
  if (kind === undefined) return undefined;
  return [
    { table: 'rollup_day', kind, unitMs: dayMs },
    { table: 'rollup_hour', kind, unitMs: hourMs },
  ];
}

function personLevels(request: SumsRequest, label: 'user' | 'key'): readonly Level[] | undefined {
  const speaksOfModel = request.dimensions.includes('model') || request.filters.some(({ dimension }) => dimension === 'model');
  const needsMore = [...request.needs].some((sum) => !isDistinct(sum) && !(personSums as readonly SumName[]).includes(sum));
  return speaksOfModel || needsMore ? undefined : levelsOfPersons(label);
}

const levelsOfPersons = (label: 'user' | 'key'): readonly Level[] => [
  { table: 'person_day', kind: personKinds[label].day, unitMs: dayMs },
  { table: 'person_day', kind: personKinds[label].quarter, unitMs: quarterMs },
];

/** Whether units lie within the buckets of a question. */
function fits(request: SumsRequest, unitMs: number): boolean {
  const { bucket, timeZone } = request;
  if (bucket === undefined) return true;
  if (!isCalendar(bucket, timeZone)) return evenBuckets[bucket as keyof typeof evenBuckets].lengthMs >= unitMs;
  return !isOdd(request, unitMs);
}

/** Whether a border of a bucket lies within a unit of UTC. */
function isOdd({ bucket, timeZone, from, to }: SumsRequest, unitMs: number): boolean {
  if (timeZone === 'UTC') return false;
  return bucketStarts(bucket!, timeZone, from, to, maxBuckets).some((start) => start % unitMs !== 0);
}

const up = (at: number, unitMs: number): number => Math.ceil(at / unitMs) * unitMs;
const down = (at: number, unitMs: number): number => Math.floor(at / unitMs) * unitMs;

/** The widest whole units, and narrower ones before and behind them. */
function stretchesOf({ from, to }: SumsRequest, levels: readonly Level[]): RolledStretch[] {
  const stretches: RolledStretch[] = [];
  let covered: { readonly from: number; readonly to: number } | undefined;
  for (const level of levels) {
    const [begin, end] = [up(from, level.unitMs), down(to, level.unitMs)];
    const spans = covered ? [[begin, covered.from] as const, [covered.to, end] as const] : [[begin, end] as const];
    stretches.push(...spans.filter(([since, until]) => since < until).map(([since, until]) => ({ ...level, from: since, to: until })));
    if (begin < end) covered = { from: begin, to: end };
  }
  return stretches;
}

function restOf({ from, to }: SumsRequest, rolled: readonly RolledStretch[], through: number): Stretch[] {
  const begin = Math.min(...rolled.map((stretch) => stretch.from));
  const end = Math.max(...rolled.map((stretch) => stretch.to));
  const edges = [
    { from, to: begin, through },
    { from: end, to, through },
  ].filter((edge) => edge.from < edge.to);
  return [...edges, { from, to, behind: through }];
}

/** Whether rollups can answer how many different users, tasks or sessions there were. */
export const canUseSeen = ({ dimensions, filters }: SumsRequest): boolean => dimensions.length === 0 && filters.length === 0;

/** Where the different values of a sum are, and the rows beside them. */
export function seenPlan(request: SumsRequest, sum: DistinctSum, through: number): Plan {
  if (sum === 'users') return plannedBy(request, levelsOfPersons('user'), through);
  const kind = sum === 'tasks' ? seenKinds.task : seenKinds.session;
  return plannedBy(request, [{ table: 'seen_day', kind, unitMs: dayMs }], through);
}
