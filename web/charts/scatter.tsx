import { ticks } from './scale.ts';
import { Grid } from './series-chart.tsx';
import { useWidth } from './use-width.ts';

export interface Dot {
  readonly name: string;
  readonly x: number;
  readonly y: number;
  readonly color: string;
}

interface ScatterProps {
  readonly label: string;
  readonly xName: string;
  readonly dots: readonly Dot[];
  readonly writeX: (value: number) => string;
  readonly writeY: (value: number) => string;
}

const left = 58;
const right = 60;
const top = 12;
const bottom = 38;

/** One dot a model: what a call costs, and how good its answers are. */
export function Scatter({ label, xName, dots, writeX, writeY }: ScatterProps) {
  const [place, width] = useWidth();
  const height = 260;
  const columns = ticks(Math.max(...dots.map(({ x }) => x)));
  const rungs = ticks(Math.max(...dots.map(({ y }) => y)));
  const x = (value: number): number => left + ((width - left - right) * value) / columns.at(-1)!;
  const y = (value: number): number => top + (height - top - bottom) * (1 - value / rungs.at(-1)!);
  return (
    <div className="chart" ref={place}>
      <svg width={width} height={height} role="img" aria-label={label}>
        <Grid rungs={rungs} y={y} width={width} write={writeY} />
        {columns.map((column) => (
          <text key={column} x={x(column)} y={height - bottom + 16} textAnchor="middle">
            {writeX(column)}
          </text>
        ))}
        <text x={(left + width - right) / 2} y={height - 3} textAnchor="middle">
          {xName}
        </text>
        {dots.map((dot) => (
          <g key={dot.name}>
            <circle cx={x(dot.x)} cy={y(dot.y)} r={5} fill={dot.color} />
            <text x={x(dot.x) + 9} y={y(dot.y) + 4}>
              {dot.name}
            </text>
          </g>
        ))}
      </svg>
    </div>
  );
}
