import { startApp, type App } from '../../app.ts';
import { createCatalog } from '../../catalog/catalog.ts';
import { ConfigError } from '../../config/config-error.ts';
import { loadConfig, type LoadedConfig, type LoadOptions, type PartialConfig } from '../../config/load.ts';
import { probeModels } from '../../config/probe.ts';
import type { Config } from '../../config/schema.ts';
import { watchConfig, type ConfigWatcher } from '../../config/watch.ts';
import { createLog, type Log } from '../../core/log.ts';
import type { Arguments } from '../arguments.ts';
import { banner } from '../banner.ts';
import type { Run } from '../command.ts';
import { exitCodes, failure } from '../errors.ts';
import { providersFor, type Providers, type ServingConfig } from '../serving.ts';
import { showsColors, type Terminal } from '../terminal.ts';
import { packageVersion } from '../version.ts';

/** Serves until it is interrupted; then lets calls under way end and writes the ledger out. */
export const run: Run = async (given, terminal) => {
  const interrupted = terminal.interrupted();
  const catalog = createCatalog();
  const pricesAt = (baseUrl: string): string | undefined => catalog.providerAt(baseUrl);
  const load: LoadOptions = { path: given.text('config'), env: terminal.env, cwd: terminal.cwd, data: overridesOf(given), pricesAt };
  const loaded = await loadConfig(load);
  const log = logOf(loaded.config, terminal);
  for (const warning of loaded.warnings) log.warn(warning);
  const providers = providersFor({ env: terminal.env, probe: probeModels, pricesAt, emulatorOnly: given.flag('emulator') === true });
  try {
    const serving = await providers.complete(loaded);
    const app = await started(serving.config, log);
    await served({ app, loaded, serving, load, log, providers, given, terminal, interrupted });
  } finally {
    await providers.close();
  }
  return exitCodes.ok;
};

function overridesOf(given: Arguments): PartialConfig {
  const port = given.whole('port');
  const host = given.text('host');
  const dataDir = given.text('data');
  return {
    ...((port !== undefined || host !== undefined) && {
      server: { ...(port !== undefined && { port }), ...(host !== undefined && { host }) },
    }),
    ...(dataDir !== undefined && { dataDir }),
  };
}

function logOf({ logging: { level, format } }: Config, { err, errIsTerminal, env }: Terminal): Log {
  const shown = format === 'auto' ? (errIsTerminal ? 'text' : 'json') : format;
  return createLog({ level, format: shown, write: err, colors: showsColors(env, errIsTerminal) });
}

async function started(config: Config, log: Log): Promise<App> {
  try {
    const start = config.server.workers > 1 ? (await import('../../cluster/primary.ts')).startPrimary : startApp;
    return await start({ config, version: packageVersion(), log });
  } catch (error) {
    const { host, port } = config.server;
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EADDRINUSE')
      throw failure(
        `${host}:${port} is taken, perhaps by another gateway; stop that one, or choose a port: --port ${port + 1}, or 0 for any`,
        error,
      );
    if (code === 'EACCES')
      throw failure(`${host}:${port} may not be listened on by this user; choose a port above 1023: --port 4000`, error);
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') throw failure(`${host} is no address of this machine; see server.host`, error);
    throw error;
  }
}

interface Session {
  readonly app: App;
  readonly loaded: LoadedConfig;
  readonly serving: ServingConfig;
  readonly load: LoadOptions;
  readonly log: Log;
  readonly providers: Providers;
  readonly given: Arguments;
  readonly terminal: Terminal;
  readonly interrupted: AbortSignal;
}

async function served(session: Session): Promise<void> {
  const { app, log, terminal, interrupted, serving } = session;
  terminal.out(bannerOf(session));
  if (!terminal.errIsTerminal) log.info('listening', { url: app.url, providers: Object.keys(serving.config.providers) });
  const watcher = watched(session);
  await new Promise<void>((resolve) => {
    if (interrupted.aborted) resolve();
    interrupted.addEventListener('abort', () => resolve(), { once: true });
  });
  watcher?.close();
  if (terminal.errIsTerminal) terminal.err('\nStopping: calls under way may end; ctrl-C again stops at once.\n');
  await app.close();
  log.info('stopped');
}

function bannerOf({ app, loaded, serving, given, terminal }: Session): string {
  const config = given.text('config');
  const data = given.text('data');
  const ledger = data !== undefined ? ` --data ${data}` : config !== undefined ? ` --config ${config}` : '';
  return banner({
    ...serving,
    url: app.url,
    version: packageVersion(),
    configPath: loaded.path,
    replayOptions: app.url === 'http://127.0.0.1:4000' ? '' : ` --url ${app.url}`,
    ledgerOptions: ledger,
    paint: terminal.paint,
  });
}

/** Takes up a changed file; a bad one is told and the configuration stays. */
function watched({ app, loaded, load, log, providers }: Session): ConfigWatcher | undefined {
  if (loaded.path === undefined) return undefined;
  const keep = (error: unknown): void =>
    log.error(`the configuration was not taken up, the one before stays: ${error instanceof ConfigError ? error.message : String(error)}`);
  const take = async (next: LoadedConfig): Promise<void> => {
    const { config } = await providers.complete(next);
    const notes = [...next.warnings, ...app.reload(config)];
    log.info('configuration taken up', { providers: Object.keys(config.providers) });
    for (const note of notes) log.warn(note);
  };
  return watchConfig({ ...load, path: loaded.path }, (next) => void take(next).catch(keep), keep);
}
