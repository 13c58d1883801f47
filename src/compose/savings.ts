import type { Config } from '../config/schema.ts';
import { GatewayError } from '../core/errors.ts';
import type { Log } from '../core/log.ts';
import type { LedgerEvent } from '../core/record.ts';
import type { SessionStore } from '../core/stores.ts';
import { createSavingControl, type SavingControl, type SavingControlOptions } from '../savings/control.ts';
import { savingReportKeys, type SavingReportKey, type SavingsReport, type SavingsReportRequest } from '../savings/report.ts';
import { savings, stageOf, type SavingModes } from '../savings/registry.ts';
import { createSavingWatch, type SavingWatch, type Switched } from '../savings/watch.ts';
import type { AdminRoute } from '../server/admin/route.ts';
import type { HeavyWork } from './heavy/work.ts';

/** Who decides how each saving runs for a call, by the option `savings`. */
export const savingControlOf = ({ savings }: Config, options: SavingControlOptions = {}): SavingControl =>
  createSavingControl(savings, options);

interface WatchParts {
  readonly config: () => Config;
  readonly sessions: SessionStore;
  readonly record: (event: LedgerEvent) => void;
  readonly log: Log;
}

const hourMs = 3600 * 1000;

/** Watches what savings cost over all reloads; what was switched before a restart still is. */
export async function openSavingWatch({ config, sessions, record, log }: WatchParts): Promise<SavingWatch> {
  const watch = createSavingWatch({
    settings: () => {
      const { enabled, windowHours, minSessions } = config().savings.selfSwitch;
      return { enabled, windowMs: windowHours * hourMs, minSessions };
    },
    now: Date.now,
    store: sessions,
    record,
    notify: (message) => log.warn(`savings: ${message}`),
  });
  await watch.load().catch((error: unknown) => log.warn(`savings: what was switched cannot be read: ${String(error)}`));
  return watch;
}

export interface SavingsAnswer extends SavingsReport {
  readonly modes: Readonly<SavingModes>;
  /** By stage: savings that turned themselves to `observe`. */
  readonly switched: Readonly<Record<string, Switched>>;
}

/** Savings by the admin API: the report, and switching one on again. */
export function savingRoutes(config: () => Config, watch: SavingWatch, work: HeavyWork): readonly AdminRoute[] {
  return [
    {
      method: 'GET',
      path: '/api/savings',
      handle: async ({ query }): Promise<SavingsAnswer> => ({
        ...(await work.run('savings', { dir: config().dataDir, request: requestOf(query) })),
        modes: config().savings.stages,
        switched: watch.switched(),
      }),
    },
    {
      method: 'POST',
      path: '/api/savings/{stage}/resume',
      handle: async ({ params }) => {
        const stage = stageOf(params['stage']!);
        if (!stage) throw new GatewayError('not_found', `no saving "${params['stage']}"; there are: ${savings.map((each) => each.stage).join(', ')}`); // prettier-ignore
        return { stage, wasSwitched: await watch.resume(stage, 'the admin API') };
      },
    },
  ];
}

function requestOf(query: URLSearchParams): SavingsReportRequest {
  const by = query.get('by') ?? 'stage';
  if (!isKey(by)) throw new GatewayError('invalid_request', `by is ${savingReportKeys.join(' or ')}, not "${by}"`, { param: 'by' });
  return { by, since: timeOf(query, 'since'), until: timeOf(query, 'until') };
}

/** Whether savings can be reported by this. */
export const isKey = (by: string): by is SavingReportKey => (savingReportKeys as readonly string[]).includes(by);

function timeOf(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  const at = text === null ? undefined : Date.parse(text);
  if (Number.isNaN(at)) throw new GatewayError('invalid_request', `${name} is no ISO time: ${text}`, { param: name });
  return at;
}
