/** What a month will have cost, with the span that 8 of 10 such months fall into. USD. */
export interface Forecast {
  readonly expected: number;
  readonly low: number;
  readonly high: number;
}

/** Days looked back at. */
const memoryDays = 28;
/** Of the normal distribution: 80% lie within this many deviations. */
const eightOfTen = 1.2816;

/**
 * The rest of a month by the days before it: each weekday as it was of late, the spread from how far days were off.
 * `days`: cost of each whole day, the newest last. `spent`: of the month so far, today included. `today`: of today so far.
 * `left`: share of today that is left; `weekdays`: of the whole days and, behind them, of the days to come.
 */
export interface ForecastInput {
  readonly days: readonly number[];
  readonly spent: number;
  readonly today: number;
  /** Days of the month behind today. */
  readonly daysLeft: number;
  /** 0 to 1. */
  readonly dayLeft: number;
}

export function forecast({ days, spent, today, daysLeft, dayLeft }: ForecastInput): Forecast {
  const known = days.slice(-memoryDays);
  // Without a whole day behind us, today is all there is to go by.
  const basis = known.length > 0 ? known : [dayLeft < 1 ? today / (1 - dayLeft) : today];
  const rest = daysLeft + dayLeft;
  const ahead = dailyMeans(basis);
  let expected = spent + ahead(0) * dayLeft;
  for (let day = 1; day <= daysLeft; day += 1) expected += ahead(day);
  const spread = eightOfTen * deviation(basis) * Math.sqrt(rest * (1 + rest / basis.length));
  return { expected, low: Math.max(spent, expected - spread), high: expected + spread };
}

/** Mean of the same weekday once there are two weeks of days, else of all. `ahead`: 0 is today. */
function dailyMeans(days: readonly number[]): (ahead: number) => number {
  if (days.length < 14) return () => mean(days);
  return (ahead) => mean(days.filter((_, at) => (days.length - at + ahead) % 7 === 0));
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

function deviation(values: readonly number[]): number {
  if (values.length < 2) return mean(values) / 2; // one day says little
  const center = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - center) ** 2, 0) / (values.length - 1));
}
