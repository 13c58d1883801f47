import type { Fault } from './checks.ts';
import type { ParsedConfig } from './schema.ts';

/** Who is to answer queries must be known. */
export function insightFaults({ insight: { engine, clickhouse } }: ParsedConfig): readonly Fault[] {
  if (engine !== 'clickhouse' || clickhouse.url !== undefined) return [];
  const fix = 'set insight.clickhouse.url to http://user:password@host:8123';
  return [{ path: ['insight', 'engine'], problem: 'clickhouse needs insight.clickhouse.url', fix }];
}
