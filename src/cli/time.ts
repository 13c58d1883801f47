import { usageError } from './errors.ts';

const units = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000 } as const;
const dayMs = units.d;

/**
 * Reads a point in time, epoch ms: `2026-11-25`, `2026-11-25T09:30`, with a zone or else UTC; `today` and `yesterday`, which begin at midnight UTC;
 * `30m`, `24h`, `7d`, `2w` before now. @throws a usage error
 */
export function readTime(option: string, text: string, nowMs: number): number {
  const midnight = nowMs - (nowMs % dayMs);
  if (text === 'now') return nowMs;
  if (text === 'today') return midnight;
  if (text === 'yesterday') return midnight - dayMs;
  const ago = /^(\d{1,6})([smhdw])$/.exec(text);
  if (ago) return nowMs - Number(ago[1]) * units[ago[2] as keyof typeof units];
  const time = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(withZone(text)) : Number.NaN;
  if (Number.isNaN(time))
    throw usageError(`--${option}: "${text}" is no time; write 2026-11-25, 2026-11-25T09:30, today, yesterday, 24h or 7d`);
  return time;
}

/** A time without a zone is UTC, as all times of the ledger are. */
const withZone = (text: string): string => (text.includes('T') && !/(Z|[+-]\d\d:?\d\d)$/i.test(text) ? `${text}Z` : text);
