/** A figure measured several times: the median, and the lowest and highest of the measurements. */
export interface Spread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** `undefined` when there is no finite number among `values`. */
export function spread(values: readonly (number | null | undefined)[]): Spread | undefined {
  const sorted = values.filter((value) => typeof value === 'number').filter(Number.isFinite);
  sorted.sort((a, b) => a - b);
  if (sorted.length === 0) return undefined;
  return { median: middle(sorted), low: sorted[0]!, high: sorted.at(-1)! };
}

function middle(sorted: readonly number[]): number {
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

/** Width of the spread as a share of the median: 0.1 is 10 %. */
export const relativeWidth = ({ median, low, high }: Spread): number => (median === 0 ? 0 : (high - low) / median);

/** Three significant digits, and no more decimals than a reader can use. */
export function short(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return '-';
  const size = Math.abs(value);
  if (size >= 1000) return Math.round(value).toString();
  return size >= 100
    ? value.toFixed(0)
    : size >= 10
      ? value.toFixed(1)
      : size >= 0.1 || value === 0
        ? value.toFixed(2)
        : value.toPrecision(2);
}

/** `12.3 (11.9-13.0)` */
export const withSpread = (figure: Spread | undefined): string =>
  figure === undefined
    ? '-'
    : figure.low === figure.high
      ? short(figure.median)
      : `${short(figure.median)} (${short(figure.low)}-${short(figure.high)})`;

/** A table in Markdown. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
