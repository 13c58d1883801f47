import type { Bytes } from '../core/json.ts';
import type { Bucket, Buckets, UsageReport, UsageSource } from '../core/usage.ts';
import { picker } from './json-scan.ts';
import type { Dialect } from './dialect.ts';

/** A provider's usage object larger than this is not kept verbatim. */
export const maxRawBytes = 64 * 1024;

/** A report over buckets that come from `parts` of the reply. Buckets that are unknown, or `cut` short, make it partial. */
export function report(
  buckets: Buckets,
  options: {
    readonly flags: ReadonlySet<string>;
    readonly parts: readonly Bytes[];
    readonly cut?: boolean;
    readonly others?: UsageReport['others'];
    readonly providerCost?: UsageReport['providerCost'] | undefined;
  },
): UsageReport {
  const { flags, parts, cut = false, others, providerCost } = options;
  const source: UsageSource = cut || hasUnknown(buckets) ? 'partial' : 'provider';
  return {
    buckets,
    source,
    flags: flags.size === 0 ? noFlags : [...flags],
    raw: rawText(parts),
    ...(others && others.length > 0 ? { others } : {}),
    ...(providerCost ? { providerCost } : {}),
  };
}

const noFlags: readonly string[] = [];

function hasUnknown(buckets: Buckets): boolean {
  for (const bucket in buckets) if (buckets[bucket as Bucket] === null) return true;
  return false;
}

function rawText(parts: readonly Bytes[]): string | undefined {
  if (parts.length === 0) return undefined;
  let size = 0;
  for (const part of parts) size += part.length;
  if (size > maxRawBytes) return undefined;
  return parts.length === 1 ? parts[0]!.toString('utf8') : `[${parts.map((part) => part.toString('utf8')).join(',')}]`;
}

const pickCost = picker({ cost: 'credits', cost_in_usd_ticks: 'usd_ticks' });

/** What the provider says the call cost, digits as it wrote them. */
export function providerCost(usage: Bytes, unit: Dialect['providerCost']): UsageReport['providerCost'] {
  if (!unit) return undefined;
  const { found } = pickCost(usage);
  const stated = (unit === 'usd_ticks' ? found.usd_ticks : found.credits)?.at(-1);
  const amount = stated && decimal(stated.toString('latin1'));
  return amount === undefined ? undefined : { amount, unit };
}

/** A JSON number, or one in a string, as a plain decimal; `undefined` for anything else and for absurd exponents. */
export function decimal(json: string): string | undefined {
  const match = /^"?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,2}))?"?$/.exec(json);
  if (!match) return undefined;
  const [, whole = '', fraction = '', exponent = '0'] = match;
  const point = whole.length + Number(exponent);
  const digits = (whole + fraction).padStart(whole.length + fraction.length + Math.max(-point, 0), '0');
  const at = Math.max(point, 0);
  const left =
    digits
      .slice(0, at)
      .padEnd(at, '0')
      .replace(/^0+(?=\d)/, '') || '0';
  const right = digits.slice(at).replace(/0+$/, '');
  return right === '' ? left : `${left}.${right}`;
}
