const steps = [
  [1e12, 'T'],
  [1e9, 'B'],
  [1e6, 'M'],
  [1e3, 'k'],
] as const;

/** `950`, `18.2k`, `1.3M`: three digits are enough to compare. */
export function count(value: number | null | undefined): string {
  if (value === null || value === undefined) return 'unknown';
  const size = Math.abs(value);
  // 999,950 would read "1000.0k".
  const step = steps.find(([from]) => size >= from * 0.99995);
  if (!step || size < 1000) return String(Math.round(value * 10) / 10);
  const scaled = value / step[0];
  return `${Math.abs(scaled) >= 100 ? Math.round(scaled) : Number(scaled.toFixed(1))}${step[1]}`;
}

/** `18,204`: where every digit counts. */
export const wholeCount = (value: number | null | undefined): string =>
  value === null || value === undefined ? 'unknown' : Math.round(value).toLocaleString('en-US');

/** A share: `62%`, `6.2%`, `<0.1%`; never rounded to none or all. */
export function percent(share: number | null | undefined): string {
  if (share === null || share === undefined) return 'unknown';
  const hundredths = share * 100;
  const size = Math.abs(hundredths);
  if (size === 0) return '0%';
  if (size < 0.1) return hundredths < 0 ? '>-0.1%' : '<0.1%';
  if (size > 99.9 && size < 100) return '>99.9%';
  return `${size < 10 ? Number(hundredths.toFixed(1)) : Math.round(hundredths)}%`;
}

/** A change with its sign: `+12%`, `-3.4%`; from nothing there is no share. */
export function change(now: number, before: number | null | undefined): string {
  if (before === null || before === undefined || before === 0) return now === 0 ? 'no change' : 'new';
  const share = (now - before) / before;
  if (share === 0) return 'no change';
  return `${share > 0 ? '+' : ''}${share >= 10 ? `${count(share)}x` : percent(share)}`;
}
