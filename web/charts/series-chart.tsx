import { useState, type PointerEvent } from 'react';
import { labelled, ticks } from './scale.ts';
import { useWidth } from './use-width.ts';

export interface Series {
  readonly name: string;
  readonly color: string;
}

export interface Point {
  /** On the axis. */
  readonly label: string;
  /** When pointed at. */
  readonly longLabel: string;
  /** In the order of the series; `null` leaves a gap. */
  readonly values: readonly (number | null)[];
  readonly href?: string;
}

interface SeriesChartProps {
  /** What is seen, in words. */
  readonly label: string;
  readonly series: readonly Series[];
  readonly points: readonly Point[];
  readonly kind: 'stack' | 'lines';
  readonly write: (value: number) => string;
  readonly height?: number;
  /** The axis ends here at least: 1 for shares. */
  readonly top?: number;
  /** Slots that carry a mark, such as a loop, with its words. */
  readonly marks?: ReadonlyMap<number, string>;
  readonly onChoose?: (at: number) => void;
}

const margin = { top: 10, right: 8, bottom: 22, left: 58 };

/** Figures over slots of equal width: time, or turns of a conversation. Stacked in steps, or as lines. */
export function SeriesChart(props: SeriesChartProps) {
  const { label, points, series, kind, write, height = 220, top = 0, onChoose } = props;
  const [place, width] = useWidth();
  const [at, setAt] = useState<number>();
  const inner = { width: width - margin.left - margin.right, height: height - margin.top - margin.bottom };
  const largest = Math.max(
    top,
    ...points.map(({ values }) => (kind === 'stack' ? sum(values) : Math.max(0, ...values.map((one) => one ?? 0)))),
  );
  const rungs = ticks(largest, height < 160 ? 2 : 4);
  const slot = inner.width / Math.max(1, points.length);
  const y = (value: number): number => margin.top + inner.height * (1 - value / rungs.at(-1)!);
  const point = ({ nativeEvent, currentTarget }: PointerEvent<SVGSVGElement>): void => {
    const x = nativeEvent.clientX - currentTarget.getBoundingClientRect().left - margin.left;
    const found = Math.floor(x / slot);
    setAt(found >= 0 && found < points.length ? found : undefined);
  };
  const geometry: Geometry = { x: (index) => margin.left + index * slot, slot, y };
  return (
    <div className="chart" ref={place}>
      <svg
        height={height}
        width={width}
        role="img"
        aria-label={label}
        onPointerMove={point}
        onPointerLeave={() => setAt(undefined)}
        onClick={() => at !== undefined && onChoose?.(at)}
        style={{ cursor: onChoose && at !== undefined ? 'pointer' : undefined }}
      >
        <Grid rungs={rungs} y={y} width={width} write={write} />
        <SlotLabels points={points} geometry={geometry} width={inner.width} height={height} />
        {at !== undefined && (
          <rect x={geometry.x(at)} y={margin.top} width={slot} height={inner.height} fill="var(--text)" opacity={0.06} />
        )}
        {kind === 'stack' ? (
          <Stacks points={points} series={series} geometry={geometry} />
        ) : (
          series.map((one, of) => <Line key={one.name} points={points} of={of} color={one.color} geometry={geometry} />)
        )}
        <Marks marks={props.marks} geometry={geometry} />
      </svg>
      {at !== undefined && points[at] && (
        <Note point={points[at]} series={series} write={write} left={geometry.x(at) + slot / 2} width={width} mark={props.marks?.get(at)} />
      )}
    </div>
  );
}

interface Geometry {
  readonly x: (index: number) => number;
  readonly slot: number;
  readonly y: (value: number) => number;
}

const sum = (values: readonly (number | null)[]): number => values.reduce<number>((total, value) => total + (value ?? 0), 0);

interface GridProps {
  readonly rungs: readonly number[];
  readonly y: (value: number) => number;
  readonly width: number;
  readonly write: (value: number) => string;
}

export function Grid({ rungs, y, width, write }: GridProps) {
  return rungs.map((rung, at) => (
    <g key={rung}>
      <line className={at === 0 ? 'grid base' : 'grid'} x1={margin.left} x2={width - margin.right} y1={y(rung)} y2={y(rung)} />
      <text x={margin.left - 8} y={y(rung) + 4} textAnchor="end">
        {write(rung)}
      </text>
    </g>
  ));
}

interface SlotLabelsProps {
  readonly points: readonly Point[];
  readonly geometry: Geometry;
  readonly width: number;
  readonly height: number;
}

function SlotLabels({ points, geometry: { x, slot }, width, height }: SlotLabelsProps) {
  const shows = labelled(points.length, width);
  return points.map(({ label, longLabel }, at) =>
    shows(at) ? (
      <text key={longLabel} x={x(at) + slot / 2} y={height - 5} textAnchor="middle">
        {label}
      </text>
    ) : null,
  );
}

interface StacksProps {
  readonly points: readonly Point[];
  readonly series: readonly Series[];
  readonly geometry: Geometry;
}

function Stacks({ points, series, geometry: { x, slot, y } }: StacksProps) {
  const gap = slot > 6 ? Math.min(4, slot * 0.16) : 0;
  // A single call must not become a wall.
  const width = Math.min(slot - gap, 72);
  return points.map(({ values, longLabel }, at) => {
    let below = 0;
    return (
      <g key={longLabel}>
        {series.map(({ name, color }, of) => {
          const value = values[of] ?? 0;
          if (value <= 0) return null;
          const from = y(below);
          below += value;
          return (
            <rect
              key={name}
              x={x(at) + (slot - width) / 2}
              width={width}
              y={y(below)}
              height={Math.max(0.5, from - y(below))}
              fill={color}
            />
          );
        })}
      </g>
    );
  });
}

interface LineProps {
  readonly points: readonly Point[];
  readonly of: number;
  readonly color: string;
  readonly geometry: Geometry;
}

function Line({ points, of, color, geometry: { x, slot, y } }: LineProps) {
  const places = points.map(({ values }, at) =>
    values[of] === null || values[of] === undefined ? undefined : [x(at) + slot / 2, y(values[of])],
  );
  const path = places
    .map((place, at) => (place ? `${places[at - 1] ? 'L' : 'M'}${place[0]!.toFixed(1)} ${place[1]!.toFixed(1)}` : ''))
    .join('');
  return (
    <g>
      <path d={path} fill="none" stroke={color} strokeWidth={1.75} strokeLinejoin="round" />
      {places.map((place, at) =>
        place && (points.length < 40 || (!places[at - 1] && !places[at + 1])) ? (
          <circle key={points[at]!.longLabel} cx={place[0]} cy={place[1]} r={2.25} fill={color} />
        ) : null,
      )}
    </g>
  );
}

function Marks({ marks, geometry: { x, slot } }: { readonly marks: ReadonlyMap<number, string> | undefined; readonly geometry: Geometry }) {
  if (!marks) return null;
  return [...marks].map(([at, words]) => (
    <path key={at} d={`M${x(at) + slot / 2 - 5} 0h10l-5 8z`} fill="var(--bad)">
      <title>{words}</title>
    </path>
  ));
}

interface NoteProps {
  readonly point: Point;
  readonly series: readonly Series[];
  readonly write: (value: number) => string;
  readonly left: number;
  readonly width: number;
  readonly mark: string | undefined;
}

function Note({ point, series, write, left, width, mark }: NoteProps) {
  const rows = series.flatMap(({ name, color }, of) => {
    const value = point.values[of];
    return value === null || value === undefined || (value === 0 && series.length > 3) ? [] : [{ name, color, value }];
  });
  const side = left > width / 2 ? { right: width - left + 12 } : { left: left + 12 };
  return (
    <div className="chart-note" style={side}>
      <b>{point.longLabel}</b>
      <table>
        <tbody>
          {rows.map(({ name, color, value }) => (
            <tr key={name}>
              <td>
                <span className="swatch" style={{ background: color }} />
                {name}
              </td>
              <td>{write(value)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {mark !== undefined && <span className="bad">{mark}</span>}
    </div>
  );
}
