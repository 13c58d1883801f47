/** Beyond it a count is shown with three digits and a unit. */
const exactCounts = 100_000;

/** `1,234`, `123k`, `1.23M`: exact figures are in `--json`. */
export function countText(count: number): string {
  if (count < exactCounts) return Math.round(count).toLocaleString('en-US');
  const unit = count < 999_500 ? { size: 1e3, mark: 'k' } : count < 999_500_000 ? { size: 1e6, mark: 'M' } : { size: 1e9, mark: 'G' };
  return `${threeDigits(count / unit.size)}${unit.mark}`;
}

const threeDigits = (value: number): string => value.toFixed(value < 9.995 ? 2 : value < 99.95 ? 1 : 0);

/** Decimals that show the largest of some amounts with at least three digits: one number for a column, so that amounts compare by eye. */
export function usdDecimals(amounts: readonly (string | null)[]): number {
  const largest = Math.max(0, ...amounts.map((amount) => Math.abs(Number(amount ?? 0))));
  if (largest >= 100 || largest === 0) return 2;
  return largest >= 0.1 ? 4 : 6;
}

/** `$0.0123`; `null` is unknown, never 0. An amount too small to show is `<$0.01`. */
export function usdText(amount: string | null, decimals: number): string {
  if (amount === null) return 'unknown';
  const value = Number(amount);
  const least = 10 ** -decimals;
  if (value > 0 && value < least / 2) return `<$${least.toFixed(decimals)}`;
  const shown = Math.abs(value).toLocaleString('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  return `${value < 0 ? '-' : ''}$${shown}`;
}

/** `850ms`, `1.23s`, `45.6s`, `2m05s`. */
export function durationText(ms: number | null): string {
  if (ms === null) return '-';
  if (ms < 999.5) return `${ms < 9.95 ? ms.toFixed(1) : Math.round(ms)}ms`;
  if (ms < 59_950) return `${ms < 9995 ? (ms / 1000).toFixed(2) : (ms / 1000).toFixed(1)}s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)}m${String(seconds % 60).padStart(2, '0')}s`;
}

/** `2026-11-25 09:30`, UTC. */
export const timeText = (iso: string): string => iso.slice(0, 16).replace('T', ' ');

// oxlint-disable-next-line no-control-regex -- these are what must not reach the terminal
const controls = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Text of clients, such as labels, without what would steer the terminal. */
export const plainText = (text: string): string => text.replace(controls, '?');
