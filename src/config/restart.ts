import type { Config } from './schema.ts';

/** What a running server cannot change, of what differs: a sentence each. */
export function needRestart(before: Config, after: Config): readonly string[] {
  const differs = (of: (config: Config) => unknown): boolean => JSON.stringify(of(before)) !== JSON.stringify(of(after));
  const changed = [
    ['server.host', differs(({ server }) => server.host)],
    ['server.port', differs(({ server }) => server.port)],
    ['server.workers', differs(({ server }) => server.workers)],
    ['server.adminToken', differs(({ server }) => server.adminToken)],
    ['server.trustedProxies', differs(({ server }) => server.trustedProxies)],
    ['dataDir', differs(({ dataDir }) => dataDir)],
    ['state', differs(({ state }) => state)],
    ['responses', differs(({ responses }) => responses)],
    ['ledger', differs(({ ledger }) => ledger)],
    ['insight.engine', differs(({ insight }) => [insight.engine, insight.clickhouse])],
    ['telemetry', differs(({ telemetry }) => telemetry)],
  ] as const;
  return changed.filter(([, isChanged]) => isChanged).map(([option]) => `${option} changes with the next restart`);
}
