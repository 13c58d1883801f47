import { seededRandom } from '../../src/savings/random.ts';

export const weekHours = 168;

/** A Monday, 00:00 UTC. */
export const firstAt = Date.UTC(2026, 0, 5);

/** What an hourly series is made of. */
export interface Kind {
  /** Of the busiest hour of a week, at the start. */
  readonly peak: number;
  /** Of the night against the day, and of weekends against working days. */
  readonly night: number;
  readonly weekend: number;
  /** By week: 0.03 is 3 % more each. */
  readonly growth: number;
  /** Scale of the noise of an hour: Student's t with `freedom`, on the logarithm. */
  readonly noise: number;
  readonly freedom: number;
  /** Standard deviation of how a whole day differs, on the logarithm. */
  readonly daily: number;
  /** Counts vary by chance on top of that. */
  readonly isCount: boolean;
  /** Working days that are like this share of one, one in about 60 days; 0: nothing at all came. */
  readonly holiday: number;
}

export const kinds: Readonly<Record<string, Kind>> = {
  office: { peak: 600, night: 0.1, weekend: 0.25, growth: 0.02, noise: 0.08, freedom: 5, daily: 0.04, isCount: true, holiday: 0.2 },
  growing: { peak: 300, night: 0.3, weekend: 0.6, growth: 0.06, noise: 0.08, freedom: 5, daily: 0.04, isCount: true, holiday: 0.3 },
  global: { peak: 2000, night: 0.7, weekend: 0.85, growth: 0.01, noise: 0.06, freedom: 4, daily: 0.03, isCount: true, holiday: 0.8 },
  money: { peak: 40, night: 0.15, weekend: 0.3, growth: 0.03, noise: 0.09, freedom: 4, daily: 0.04, isCount: false, holiday: 0 },
  wild: { peak: 400, night: 0.3, weekend: 0.5, growth: 0.02, noise: 0.15, freedom: 3, daily: 0.1, isCount: true, holiday: 0.2 },
  small: { peak: 20, night: 0.05, weekend: 0.1, growth: 0, noise: 0.1, freedom: 4, daily: 0.08, isCount: true, holiday: 0.1 },
};

/** Hourly values; the same ones for the same seed. */
export function seriesOf(kind: Kind, weeks: number, seed: number): number[] {
  const draw = drawsOf(seed);
  const values: number[] = [];
  for (let day = 0; day < weeks * 7; day += 1) {
    const isWeekend = day % 7 >= 5;
    const isHoliday = !isWeekend && draw.uniform() < 1 / 60;
    const level =
      kind.peak *
      (1 + kind.growth) ** (day / 7) *
      (isWeekend ? kind.weekend : 1) *
      (isHoliday ? kind.holiday : 1) *
      Math.exp(kind.daily * draw.normal());
    for (let hour = 0; hour < 24; hour += 1) {
      const mean = level * shapeAt(hour, kind.night) * Math.exp(kind.noise * draw.student(kind.freedom));
      values.push(kind.isCount ? draw.count(mean) : mean);
    }
  }
  return values;
}

/** Low at night, high by day, with two humps. */
function shapeAt(hour: number, night: number): number {
  const day = Math.max(0, Math.sin(((hour - 6) / 14) * Math.PI)) * (1 + 0.15 * Math.cos(((hour - 13) / 2) * Math.PI));
  return hour < 6 || hour > 20 ? night : night + ((1 - night) * day) / 1.15;
}

function drawsOf(seed: number) {
  const next = seededRandom(seed);
  for (let skipped = 0; skipped < 20; skipped += 1) next();
  const uniform = (): number => (next() + 0.5) / 2 ** 32;
  const normal = (): number => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  const student = (freedom: number): number => {
    let squares = 0;
    for (let degree = 0; degree < freedom; degree += 1) squares += normal() ** 2;
    return normal() / Math.sqrt(squares / freedom);
  };
  return { uniform, normal, student, count: (mean: number): number => poisson(mean, uniform, normal) };
}

function poisson(mean: number, uniform: () => number, normal: () => number): number {
  if (mean > 200) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal()));
  const least = Math.exp(-mean);
  let count = 0;
  for (let product = uniform(); product > least; product *= uniform()) count += 1;
  return count;
}
