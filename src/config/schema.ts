import * as z from 'zod';
import type { MeteringDialect } from '../catalog/dialects.ts';
import type { Family, Hosting } from '../core/api.ts';
import { abortOption, appOptions, drainOptions, ledgerOptions, meterOptions } from './schema/ledger.ts';
import { alertingOptions, alertsOption, channelsOption } from './schema/alerts.ts';
import { cacheOptions } from './schema/cache.ts';
import { keyOptions } from './schema/keys.ts';
import { insightOptions } from './schema/insight.ts';
import { loopOptions } from './schema/loops.ts';
import { allowanceOptions, budgetsOption, contextBudgetsOption, rateLimitsOption } from './schema/allowance.ts';
import { modelOptions } from './schema/model.ts';
import { promptCacheOptions } from './schema/prompt-cache.ts';
import { promptRepairOptions } from './schema/prompt-repair.ts';
import { choice, group, option, whole } from './schema/option.ts';
import { nameOption, providerOptions } from './schema/provider.ts';
import { resilienceOptions } from './schema/resilience.ts';
import { aliasesOption, routesOption } from './schema/routes.ts';
import { responsesOptions } from './schema/translation.ts';
import { savingOptions } from './schema/savings.ts';
import { sensitivityOptions } from './schema/sensitivity.ts';
import { serverOptions } from './schema/server.ts';
import { stateOptions } from './schema/state.ts';
import { telemetryOptions } from './schema/telemetry.ts';

/** The one description of the configuration: types, JSON Schema and reference come from it. */
export const configSchema = option(
  z.strictObject({
    $schema: option(z.string(), 'JSON Schema for editors; not used otherwise.').optional(),
    server: serverOptions,
    keys: keyOptions,
    dataDir: option(
      z.string().min(1),
      'Folder of journal, ledger and bodies, relative to the configuration file, or to the working folder without one.',
    ).default('.modicum'),
    providers: option(
      z.record(nameOption, providerOptions),
      'Providers by name. When given, only these serve. Left out, they are discovered.',
    ).optional(),
    models: option(
      z.record(z.string().regex(/^\S{1,256}$/, 'must be 1 to 256 characters without spaces'), modelOptions),
      'Models by public name. A model without an entry is found by the catalog, or as `provider/model`.',
    ).default({}),
    aliases: aliasesOption,
    routes: routesOption,
    resilience: resilienceOptions,
    responses: responsesOptions,
    promptCache: promptCacheOptions,
    promptRepair: promptRepairOptions,
    state: stateOptions,
    sensitivity: sensitivityOptions,
    loops: loopOptions,
    insight: insightOptions,
    cache: cacheOptions,
    savings: savingOptions,
    telemetry: telemetryOptions,
    budgets: budgetsOption,
    limits: rateLimitsOption,
    contextBudgets: contextBudgetsOption,
    allowances: allowanceOptions,
    alerts: alertsOption,
    channels: channelsOption,
    alerting: alertingOptions,
    onClientAbort: abortOption,
    apps: option(z.record(nameOption, appOptions), 'Options by app.').default({}),
    drain: drainOptions,
    ledger: ledgerOptions,
    meter: meterOptions,
    emulator: group('The provider emulator that serves when no provider is known.', {
      port: whole('Port it listens on, on 127.0.0.1; 0 takes any free one.', { max: 65_535, default: 0 }),
    }),
    logging: group('What the gateway says about itself, on stderr.', {
      level: choice('The least important messages shown.', ['debug', 'info', 'warn', 'error', 'silent'], 'info'),
      format: choice('`auto` is text on a terminal and JSON elsewhere.', ['auto', 'text', 'json'], 'auto'),
    }),
  }),
  'Modicum configuration.',
);

type Immutable<T> = T extends readonly (infer Item)[]
  ? readonly Immutable<Item>[]
  : T extends object
    ? { readonly [K in keyof T]: Immutable<T[K]> }
    : T;

/** As it is written in a file: everything but a provider's protocol and base URL may be left out. */
export type ConfigInput = z.input<typeof configSchema>;
/** As it stands after validation, before what depends on other options is filled in. */
export type ParsedConfig = Immutable<z.output<typeof configSchema>>;
export type ParsedProvider = NonNullable<ParsedConfig['providers']>[string];

/** An API of chat models that a provider may serve. */
export type ChatApi = NonNullable<ParsedProvider['apis']>[number];

/** A provider with all that was left out filled in, its key read. */
export interface ProviderConfig extends Omit<ParsedProvider, 'apiKeyFile' | 'apiKeyCommand' | 'dialect' | 'apis'> {
  readonly name: string;
  readonly protocol: Family;
  /** Without a slash at the end. */
  readonly baseUrl: string;
  /** `undefined`: the client's own credentials go on. */
  readonly apiKey: string | undefined;
  readonly hosting: Hosting;
  /** Provider id of the price catalog; `undefined` when nothing tells it. */
  readonly prices: string | undefined;
  readonly apis: readonly ChatApi[];
  /** What is written, over what the catalog knows of the provider with these prices. */
  readonly dialect: MeteringDialect;
}

/** A public model name. `prices`: decimal strings, USD per million tokens, or per 1,000 uses for what is billed by the piece. */
export type ModelConfig = ParsedConfig['models'][string] & {
  /** Of the first target, where there are several. */
  readonly provider: string;
  readonly model: string;
};

/** The configuration the gateway runs on. */
export interface Config extends Omit<ParsedConfig, '$schema' | 'providers' | 'models'> {
  /** Absolute. */
  readonly dataDir: string;
  /** In the order of the file. */
  readonly providers: Readonly<Record<string, ProviderConfig>>;
  readonly models: Readonly<Record<string, ModelConfig>>;
}
