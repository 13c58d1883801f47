import { count, percent } from '../format/count.ts';
import { kinds, kindsText, sumOf, type ByKind } from './kinds.ts';

interface FiveBarProps {
  readonly tokens: ByKind;
  /** Of the whole width; left out, the bar fills it. */
  readonly share?: number;
  readonly isBig?: boolean;
}

/** Five parts, never one total. */
export function FiveBar({ tokens, share = 1, isBig = false }: FiveBarProps) {
  const total = sumOf(tokens);
  const shown = kinds.filter(({ id }) => tokens[id] > 0);
  return (
    <div
      className={isBig ? 'five big' : 'five'}
      role="img"
      aria-label={`Tokens: ${kindsText(tokens)}`}
      title={kindsText(tokens)}
      style={{ width: `${Math.max(1, share * 100)}%` }}
    >
      {shown.map(({ id, color }) => (
        <span key={id} style={{ background: color, flexGrow: tokens[id] / total, flexBasis: 0 }} />
      ))}
    </div>
  );
}

export function FiveLegend({ tokens }: { readonly tokens: ByKind }) {
  const total = sumOf(tokens);
  return (
    <ul className="legend">
      {kinds.map(({ id, name, color }) => (
        <li key={id}>
          <span className="swatch" style={{ background: color }} />
          {name} <b>{count(tokens[id])}</b>
          <span className="quiet">{total === 0 ? '' : percent(tokens[id] / total)}</span>
        </li>
      ))}
    </ul>
  );
}
