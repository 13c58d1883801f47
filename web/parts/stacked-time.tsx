import { percent } from '../format/count.ts';
import { duration } from '../format/time.ts';

interface TimePart {
  readonly name: string;
  readonly ms: number;
  readonly color: string;
}

/** Where time goes, as one bar: parts that follow each other. */
export function StackedTime({ parts }: { readonly parts: readonly TimePart[] }) {
  const whole = parts.reduce((sum, { ms }) => sum + ms, 0);
  const text = parts.map(({ name, ms }) => `${name.toLowerCase()} ${duration(ms)}`).join(', ');
  return (
    <>
      <div className="five big" role="img" aria-label={`Time: ${text}`}>
        {parts.map(({ name, ms, color }) => (ms > 0 ? <span key={name} style={{ background: color, flex: `${ms} 1 0` }} /> : null))}
      </div>
      <ul className="legend">
        {parts.map(({ name, ms, color }) => (
          <li key={name}>
            <span className="swatch" style={{ background: color }} />
            {name} <b>{duration(ms)}</b>
            <span className="quiet">{whole === 0 ? '' : percent(ms / whole)}</span>
          </li>
        ))}
      </ul>
    </>
  );
}
