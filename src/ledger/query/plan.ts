import { bucketStarts, dayMs, hourMs, isCalendar } from '../../analytics/calendar.ts';
import { countsTokenCounting } from '../../analytics/check.ts';
import { maxBuckets, type SumsRequest } from '../../analytics/engine.ts';
import type { Dimension } from '../../analytics/query.ts';
import { isDistinct, isHistogram, type SumName } from '../../analytics/sums.ts';
import type { Stretch } from './condition.ts';
import { kinds, modelKind, personKinds, personSums, timedLabels } from './kinds.ts';

/** A stretch of whole hours or days, and the rollup that has them. */
export interface RolledStretch {
  readonly table: 'rollup_hour' | 'rollup_day' | 'person_day';
  readonly from: number;
  readonly to: number;
}

export interface Plan {
  /** The label of the rollup beside the model; `undefined`: the model alone. */
  readonly label: Dimension | undefined;
  readonly kind: number;
  readonly rolled: readonly RolledStretch[];
  /** What the rollups lack: the edges of the span, and rows that are in no rollup yet. */
  readonly rows: readonly Stretch[];
}

/** The stretches to read rows of when no rollup can answer. */
const rowsOnly = ({ from, to }: SumsRequest): Plan => ({ label: undefined, kind: modelKind, rolled: [], rows: [{ from, to }] });

/** Which rollups answer a question, and which rows are to be read beside them. `through`: how far the rollups reach. */
export function planOf(request: SumsRequest, through: number): Plan {
  const label = labelOf(request);
  const kind = label === false ? undefined : kindOf(request, label);
  const step = unitOf(request, isPerson(label));
  if (label === false || kind === undefined || step === undefined) return rowsOnly(request);
  const stretches = stretchesOf(request, step);
  const rolled = isPerson(label) ? stretches.map((stretch) => ({ ...stretch, table: 'person_day' as const })) : stretches;
  return { label, kind, rolled, rows: rolled.length === 0 ? rowsOnly(request).rows : restOf(request, rolled, through) };
}

/** The one label beside the model that a question speaks of; `false`: there are several. */
function labelOf({ dimensions, filters }: SumsRequest): Dimension | undefined | false {
  const spoken = new Set([...dimensions, ...filters.map(({ dimension }) => dimension)]);
  spoken.delete('model');
  return spoken.size > 1 ? false : [...spoken][0];
}

function kindOf(request: SumsRequest, label: Dimension | undefined): number | undefined {
  if (countsTokenCounting(request)) return undefined; // token counting is in no rollup
  if (label === undefined) return modelKind;
  if (!isPerson(label)) return [...request.needs].some(isHistogram) && !timedLabels.has(label) ? undefined : kinds.get(label)?.number;
  const speaksOfModel = request.dimensions.includes('model') || request.filters.some(({ dimension }) => dimension === 'model');
  const needsMore = [...request.needs].some((sum) => !isDistinct(sum) && !(personSums as readonly SumName[]).includes(sum));
  return speaksOfModel || needsMore ? undefined : personKinds[label];
}

const isPerson = (label: Dimension | undefined | false): label is 'user' | 'key' => label === 'user' || label === 'key';

/** The units that fit into every bucket of a question, the widest last. */
function unitOf(request: SumsRequest, onlyDays: boolean): readonly ('hour' | 'day')[] | undefined {
  const { bucket, timeZone } = request;
  if (bucket === 'minute') return undefined;
  const fits = bucket === undefined || (bucket !== 'hour' && !isOdd(request, dayMs));
  if (fits) return onlyDays ? ['day'] : ['hour', 'day'];
  if (onlyDays) return undefined;
  return bucket === 'hour' || !isCalendar(bucket, timeZone) || !isOdd(request, hourMs) ? ['hour'] : undefined;
}

/** Whether a border of a bucket lies within a unit of UTC. */
function isOdd({ bucket, timeZone, from, to }: SumsRequest, unitMs: number): boolean {
  if (timeZone === 'UTC') return false;
  return bucketStarts(bucket!, timeZone, from, to, maxBuckets).some((start) => start % unitMs !== 0);
}

const up = (at: number, unitMs: number): number => Math.ceil(at / unitMs) * unitMs;
const down = (at: number, unitMs: number): number => Math.floor(at / unitMs) * unitMs;

/** Whole days, the whole hours before and behind them, as far as the units go. */
function stretchesOf({ from, to }: SumsRequest, units: readonly ('hour' | 'day')[]): RolledStretch[] {
  const hasHours = units.includes('hour');
  const [first, last] = [up(from, dayMs), down(to, dayMs)];
  const days: RolledStretch[] = units.includes('day') && first < last ? [{ table: 'rollup_day', from: first, to: last }] : [];
  if (!hasHours) return days;
  const [begin, end] = [up(from, hourMs), down(to, hourMs)];
  const hours = days.length === 0 ? [[begin, end] as const] : [[begin, first] as const, [last, end] as const];
  return [
    ...days,
    ...hours.filter(([since, until]) => since < until).map(([since, until]) => ({ table: 'rollup_hour' as const, from: since, to: until })),
  ];
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

/** Whether whole days of `seen_day` can answer how many different tasks or sessions there were. */
export const canUseSeen = (request: SumsRequest): boolean =>
  request.dimensions.length === 0 &&
  request.filters.length === 0 &&
  request.bucket !== 'minute' &&
  request.bucket !== 'hour' &&
  (request.bucket === undefined || !isOdd(request, dayMs));

/** Whole days of the span, and the rows beside them. */
export function seenPlan(request: SumsRequest, through: number): Plan {
  const rolled = stretchesOf(request, ['day']);
  return {
    label: undefined,
    kind: modelKind,
    rolled,
    rows: rolled.length === 0 ? rowsOnly(request).rows : restOf(request, rolled, through),
  };
}
