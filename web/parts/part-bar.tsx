import { count, percent } from '../format/count.ts';
import { partColor, partNames, promptParts } from '../format/prompt-parts.ts';
import { partTotal, type PartSums } from '../state/part-sums.ts';

/** What input is made of, as one bar with its figures. */
export function PartBar({ sums }: { readonly sums: PartSums }) {
  const total = partTotal(sums);
  const shown = promptParts.filter((part) => sums[part] > 0);
  const text = shown.map((part) => `${partNames[part].toLowerCase()} ${count(sums[part])}`).join(', ');
  return (
    <div className="section">
      <div className="five big" role="img" aria-label={`Input by part: ${text}`}>
        {shown.map((part) => (
          <span key={part} style={{ background: partColor(part), flex: `${sums[part]} 1 0` }} />
        ))}
      </div>
      <ul className="legend">
        {shown.map((part) => (
          <li key={part}>
            <span className="swatch" style={{ background: partColor(part) }} />
            {partNames[part]} <b>{count(sums[part])}</b>
            <span className="quiet">{percent(sums[part] / Math.max(1, total))}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
