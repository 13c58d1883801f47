import { coarseMoney } from '../format/money.ts';
import type { Forecast } from '../state/forecast.ts';
import { ticks } from './scale.ts';
import { Grid } from './series-chart.tsx';
import { useWidth } from './use-width.ts';

interface MonthChartProps {
  readonly label: string;
  /** What was spent up to the end of each day so far. */
  readonly spent: readonly number[];
  readonly days: number;
  readonly forecast: Forecast;
  /** USD; `undefined`: there is no budget of the month. */
  readonly budget: number | undefined;
}

const left = 58;
const right = 8;
const top = 14;
const bottom = 22;

/** The month's cost so far, where it leads, and how sure that is. */
export function MonthChart({ label, spent, days, forecast, budget }: MonthChartProps) {
  const [place, width] = useWidth();
  const height = 220;
  const rungs = ticks(Math.max(forecast.high, spent.at(-1) ?? 0, budget ?? 0));
  const x = (day: number): number => left + ((width - left - right) * day) / days;
  const y = (usd: number): number => top + (height - top - bottom) * (1 - usd / rungs.at(-1)!);
  const now = spent.at(-1) ?? 0;
  const line = [0, ...spent].map((usd, day) => `${day === 0 ? 'M' : 'L'}${x(day).toFixed(1)} ${y(usd).toFixed(1)}`).join('');
  const from = `${x(spent.length)} ${y(now)}`;
  return (
    <div className="chart" ref={place}>
      <svg width={width} height={height} role="img" aria-label={label}>
        <Grid rungs={rungs} y={y} width={width} write={coarseMoney} />
        {Array.from({ length: Math.floor(days / 7) + 1 }, (_, week) => week * 7).map((day) => (
          <text key={day} x={x(day + 0.5)} y={height - 5} textAnchor="middle">
            {day + 1}
          </text>
        ))}
        <path d={`M${from}L${x(days)} ${y(forecast.high)}L${x(days)} ${y(forecast.low)}Z`} fill="var(--series-0)" opacity={0.16} />
        <path
          d={`M${from}L${x(days)} ${y(forecast.expected)}`}
          stroke="var(--series-0)"
          strokeWidth={1.5}
          strokeDasharray="4 4"
          fill="none"
        />
        <path d={line} fill="none" stroke="var(--series-0)" strokeWidth={2} strokeLinejoin="round" />
        <circle cx={x(spent.length)} cy={y(now)} r={3} fill="var(--series-0)" />
        {budget !== undefined && (
          <g>
            <line x1={left} x2={width - right} y1={y(budget)} y2={y(budget)} stroke="var(--bad)" strokeWidth={1.5} strokeDasharray="2 3" />
            <text x={left + 6} y={y(budget) - 5}>
              Budget {coarseMoney(budget)}
            </text>
          </g>
        )}
      </svg>
    </div>
  );
}
