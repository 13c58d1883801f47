import { escaped } from '../page.ts';

export interface ChartPoint {
  readonly label: string;
  /** `null`: cannot be told. */
  readonly value: number | null;
  /** The value for people. */
  readonly text: string;
}

const width = 320;
const height = 96;
const baseY = 72;
const topY = 16;
const gap = 4;

/** Bars by month as SVG: the last one in colour, a line where the target is. No axis: each bar says its value when pointed at, the last one always. */
export function monthBars(title: string, points: readonly ChartPoint[], aim: number | null = null): string {
  const values = [...points.map(({ value }) => value ?? 0), aim ?? 0];
  const most = Math.max(...values, 0);
  if (most === 0) return '';
  const each = width / points.length;
  const yOf = (value: number): number => baseY - ((baseY - topY) * Math.max(0, value)) / most;
  const bars = points.map(({ label, value, text }, at) => {
    const y = yOf(value ?? 0);
    const isLast = at === points.length - 1;
    const shape = value === null ? '' : `<rect x="${round(at * each + gap / 2)}" y="${round(y)}" width="${round(Math.min(each - gap, 40))}" height="${round(Math.max(1, baseY - y))}" rx="2" fill="var(${isLast ? '--bar' : '--history'})"/>`;
    return `<g><title>${escaped(`${label}: ${text}`)}</title>${shape}</g>`;
  }); // prettier-ignore
  const line = aim === null ? '' : `<line x1="0" x2="${width}" y1="${round(yOf(aim))}" y2="${round(yOf(aim))}" stroke="var(--cacheWrite)" stroke-dasharray="4 3"/>`; // prettier-ignore
  const [first, last] = [points[0]!, points.at(-1)!];
  const ends = first === last ? '' : `<text x="0" y="${height - 8}" class="tick">${escaped(first.label)}</text>`;
  const described = `${title}: ${points.map(({ label, text }) => `${label} ${text}`).join(', ')}`;
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(described)}" class="chart">${bars.join('')}${line}${ends}<text x="${width}" y="${height - 8}" text-anchor="end" class="tick">${escaped(`${last.label}: ${last.text}`)}</text></svg>`; // prettier-ignore
}

const round = (value: number): number => Math.round(value * 10) / 10;

/** An estimate with its interval on one line, 0 in the middle. `most`: what the ends of the line stand for. */
export function intervalBar(
  { value, low, high }: { readonly value: number; readonly low: number; readonly high: number },
  most: number,
): string {
  const xOf = (at: number): number => round(100 + (100 * Math.max(-most, Math.min(most, at))) / most);
  return `<svg viewBox="0 0 200 12" class="interval" aria-hidden="true"><line x1="100" x2="100" y1="0" y2="12" stroke="var(--line)"/><line x1="${xOf(low)}" x2="${xOf(high)}" y1="6" y2="6" stroke="var(--quiet)" stroke-width="2"/><circle cx="${xOf(value)}" cy="6" r="3.5" fill="var(--bar)"/></svg>`; // prettier-ignore
}
