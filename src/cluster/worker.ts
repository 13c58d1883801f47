import cluster from 'node:cluster';
import { startApp, type ServingApp } from '../app.ts';
import type { Log, LogFields } from '../core/log.ts';
import { takeWorkerJournal } from '../ledger/worker-journals.ts';
import { isShared } from '../stores/open.ts';
import { createRemoteStores, type RemoteStores } from '../stores/remote/index.ts';
import type { FromWorker, Start, Task, ToWorker } from './messages.ts';

/** A process that serves. What it shares with the others is asked of the first process; without that one it ends. */
class ServingWorker {
  #app: Promise<ServingApp> | undefined;
  #stores: RemoteStores | undefined;
  #ending: Promise<void> | undefined;

  run(): void {
    cluster.worker!.exitedAfterDisconnect = true; // or Node ends the process at once, before its journal is written
    process.on('message', (message: ToWorker) => this.#hear(message));
    process.on('SIGINT', () => {}); // ctrl-C reaches the whole group; the first process says when to stop
    process.on('SIGTERM', () => void this.#end(0));
    // Alone it must not go on: nobody would know what it spends.
    process.on('disconnect', () => void this.#end(1));
  }

  #hear(message: ToWorker): void {
    switch (message.type) {
      case 'start':
        this.#app = this.#start(message);
        void this.#app.then(
          ({ url }) => say({ type: 'listening', url }),
          (error: NodeJS.ErrnoException) => this.#fail(error),
        );
        return;
      case 'answer':
        return this.#stores?.take(message);
      case 'reload':
        return void this.#app?.then((app) => app.reload(message.config)).catch((error: unknown) => log.error('reload failed', { error }));
      case 'do':
        return void this.#do(message.what).then((value) => say({ type: 'done', number: message.number, value }));
      case 'stop':
        return void this.#end(0);
    }
  }

  async #start({ config, version, owner }: Start): Promise<ServingApp> {
    const { dir, lock } = takeWorkerJournal(config.dataDir);
    process.on('exit', lock.release);
    if (!isShared(config.state.engine)) this.#stores = createRemoteStores({ send: tell, timeoutMs: config.state.timeoutMs });
    return startApp({ config, version, log, seat: { owner, ledger: { journalDir: dir }, stores: this.#stores } });
  }

  #fail(error: NodeJS.ErrnoException): void {
    say({ type: 'failed', message: error.stack ?? String(error), code: error.code });
    setTimeout(() => process.exit(1), 50);
  }

  async #do(what: Task): Promise<unknown> {
    const app = await this.#app?.catch(() => undefined);
    if (what === 'read keys') await app?.keysChanged().catch(() => undefined); // it looks again by itself
    else if (what === 'read rules') await app?.rulesChanged().catch(() => undefined);
    else if (what === 'give back') await app?.flush();
    else return app?.status();
    return undefined;
  }

  /** Calls under way end within the grace; no new ones are taken. */
  #end(code: number): Promise<void> {
    return (this.#ending ??= (async () => {
      const app = await this.#app?.catch(() => undefined);
      await app?.close().catch((error: unknown) => log.error('a worker did not close well', { error }));
      process.exit(code);
    })());
  }
}

/** @throws when the first process is gone */
function tell(message: FromWorker): void {
  if (!process.connected) throw new Error('the first process is gone');
  process.send!(message, undefined, undefined, () => {}); // a break is told by the event as well
}

function say(message: FromWorker): void {
  try {
    tell(message);
  } catch {
    // Nobody is there to hear it.
  }
}

const saying =
  (level: keyof Log) =>
  (message: string, fields: LogFields = {}): void =>
    say({ type: 'log', level, message, fields: { ...fields, worker: process.pid } });
const log: Log = { debug: saying('debug'), info: saying('info'), warn: saying('warn'), error: saying('error') };

new ServingWorker().run();
