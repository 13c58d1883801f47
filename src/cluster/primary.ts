import { ledgerOptions, type App, type AppOptions } from '../app.ts';
import { needRestart } from '../config/restart.ts';
import { reconcilerOf, type Reconciler } from '../compose/reconcile.ts';
import type { Config } from '../config/schema.ts';
import type { Stores } from '../core/stores.ts';
import { openLedger, type Ledger } from '../ledger/ledger.ts';
import { isShared, createStores } from '../stores/open.ts';
import type { Ask } from '../stores/remote/messages.ts';
import { answerFrom } from '../stores/remote/serve.ts';
import { Workers, type Member } from './workers.ts';

/** How long other workers may take to give back or read keys before an answer goes on without them. */
const othersMs = 1000;

/**
 * The first process of several: it has the ledger's tables, the state, and the workers. It serves no call itself.
 * @throws what a worker said, when one cannot start
 */
export async function startPrimary({ config, version, log }: AppOptions): Promise<App> {
  const ledger = await openLedger({ ...ledgerOptions(config, log), hasWorkers: true });
  let stores: Stores | undefined;
  let reconciler: Reconciler | undefined;
  let workers: Workers | undefined;
  const close = async (): Promise<void> => {
    await workers?.stop();
    await reconciler?.close();
    await stores?.close();
    await ledger.close();
  };
  try {
    stores = await createStores(config.state, config.dataDir);
    const answer = answering(stores, () => workers!);
    workers = new Workers({ config, version, log, answer });
    const url = await workers.start();
    const members = workers;
    reconciler = reconcilerOf({ config, lender: stores.budgets, isAlive: (owner) => members.has(owner), log, readsJournals: true });
    return appOf({ url, config, version, ledger, stores, workers, close });
  } catch (error) {
    await close();
    throw error;
  }
}

type Answerer = (member: Member, ask: Ask) => Promise<void>;

/** What others hold back, and what they have read, is put right around the call. */
function answering(stores: Stores, workers: () => Workers): Answerer {
  const answer = answerFrom(stores);
  return async (member, ask) => {
    if (ask.method.endsWith('.list')) await workers().all('give back', othersMs);
    const found = await answer(ask);
    if (ask.method === 'keys.put' && !found.error) await workers().all('read keys', othersMs, member);
    if (ask.method === 'settings.write' && found.value === true) await workers().all('read rules', othersMs, member);
    member.send(found);
  };
}

interface Running {
  readonly url: string;
  readonly config: Config;
  readonly version: string;
  readonly ledger: Ledger;
  readonly stores: Stores;
  readonly workers: Workers;
  readonly close: () => Promise<void>;
}

function appOf({ url, config, version, ledger, stores, workers, close }: Running): App {
  let closing: Promise<void> | undefined;
  return {
    url,
    reload: (next) => {
      workers.reload(next);
      return needRestart(config, next);
    },
    status: () => ({
      version,
      uptimeSeconds: Math.round(process.uptime()),
      ledger: ledger.health(),
      state: { engine: config.state.engine, fault: stores.health(), isShared: isShared(config.state.engine) },
      workers: workers.pids(),
    }),
    close: () => (closing ??= close()),
  };
}
