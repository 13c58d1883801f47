import { readFile, stat } from 'node:fs/promises';
import { dirname, extname, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { faultsOf, warningsOf } from './checks.ts';
import { ConfigError, formatIssue, type ConfigIssue } from './config-error.ts';
import { place } from './explain.ts';
import type { Environment } from './interpolate.ts';
import { completeModels } from './model.ts';
import { withTables } from './route-tables.ts';
import { completeProvider } from './provider.ts';
import type { Config, ConfigInput, ParsedConfig, ParsedProvider, ProviderConfig } from './schema.ts';
import { keyOf, SecretError } from './secret.ts';
import { maxConfigBytes, parseSource, sourceOf, type Source } from './source.ts';
import { stripped } from './stripped.ts';
import { validate, type Validated } from './validate.ts';

/** Looked for in the working folder, in this order. */
export const configNames = ['modicum.yaml', 'modicum.yml', 'modicum.json', 'modicum.ts', 'modicum.mjs'] as const;

/** Groups of options, each in part. */
export type PartialConfig = Partial<{ readonly [K in keyof ConfigInput]: Partial<ConfigInput[K]> }>;

export interface LoadOptions {
  /** Left out: the first of `configNames` in `cwd`, or no file at all. */
  readonly path?: string | undefined;
  readonly env: Environment;
  readonly cwd: string;
  /** Laid over what the file says: options of the command line. */
  readonly data?: PartialConfig;
  /** Provider id of the price catalog, by base URL: for providers beside the known vendors. */
  readonly pricesAt?: (baseUrl: string) => string | undefined;
  /** No secret is read, and none need be there: for what calls no provider. */
  readonly withoutSecrets?: boolean;
}

export interface LoadedConfig {
  readonly config: Config;
  /** Absolute; `undefined`: there is no file. */
  readonly path: string | undefined;
  /** Whether the file lists providers: then no others serve, and none are discovered. */
  readonly providersListed: boolean;
  /** What is allowed, though it is hardly meant; one line each. */
  readonly warnings: readonly string[];
}

/**
 * Reads, completes and checks the configuration: defaults, then the file, then `data`; keys are fetched.
 * @throws {ConfigError} with everything found wrong at once
 */
export async function loadConfig(options: LoadOptions): Promise<LoadedConfig> {
  const { env, cwd, data = {}, withoutSecrets = false } = options;
  const { source: whole, ...found } = await readConfig(options);
  const dir = found.path === undefined ? cwd : dirname(found.path);
  const source = withoutSecrets ? { ...whole, value: stripped(whole.value) } : whole;
  const validated = validate(source, env, data);
  const { config, written } = validated;
  throwIfAny(faultsOf(config).map((fault) => place(fault, written)));
  return {
    config: await completed(validated, dir, options),
    path: found.path,
    providersListed: config.providers !== undefined,
    warnings: [...found.others.map(ignored), ...warningsOf(config).map((fault) => formatIssue(place(fault, written)))],
  };
}

/** A configuration as it is written, before anything is checked. */
export interface ReadConfig {
  readonly source: Source;
  /** Absolute; `undefined`: there is no file. */
  readonly path: string | undefined;
  /** Files that stand beside it and do not count. */
  readonly others: readonly string[];
}

/** Finds and reads the file. @throws {ConfigError} */
export async function readConfig({ path, cwd }: Pick<LoadOptions, 'path' | 'cwd'>): Promise<ReadConfig> {
  const found = path === undefined ? await search(cwd) : { path: resolve(cwd, path), others: [] };
  return { ...found, source: found.path === undefined ? sourceOf({}) : await read(found.path, cwd) };
}

const ignored = (name: string): string => `${name}: ignored, because another configuration stands beside it`;

const throwIfAny = (issues: readonly ConfigIssue[]): void => {
  if (issues.length > 0) throw new ConfigError(issues);
};

async function search(cwd: string): Promise<{ readonly path: string | undefined; readonly others: readonly string[] }> {
  const there = await Promise.all(
    configNames.map((name) =>
      stat(join(cwd, name)).then(
        (found) => found.isFile(),
        () => false,
      ),
    ),
  );
  const [first, ...others] = configNames.filter((_, index) => there[index]);
  return { path: first && join(cwd, first), others };
}

async function read(path: string, cwd: string): Promise<Source> {
  const shown = relative(cwd, path);
  const file = shown.startsWith('..') ? path : shown;
  const fail = (problem: string, cause?: unknown) => new ConfigError([{ file, path: [], problem }], { cause });
  const { size, mtimeMs } = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    throw fail(cause.code === 'ENOENT' ? 'there is no such file' : `cannot be read (${cause.code})`, cause);
  });
  if (size > maxConfigBytes) throw fail(`the file is larger than ${maxConfigBytes} bytes`);
  switch (extname(path)) {
    case '.ts':
    case '.mts':
    case '.mjs':
    case '.js':
      return sourceOf(await run(path, mtimeMs, fail), file);
    case '.yaml':
    case '.yml':
    case '.json':
      return parseSource(await readFile(path, 'utf8'), file);
    default:
      throw fail('is not a .yaml, .yml, .json, .ts or .mjs file');
  }
}

/** The default export of a module, or what the function exported there returns. The query makes a changed file a new module. */
async function run(path: string, mtimeMs: number, fail: (problem: string, cause?: unknown) => ConfigError): Promise<unknown> {
  try {
    const module = (await import(`${pathToFileURL(path).href}?changed=${mtimeMs}`)) as { readonly default?: unknown };
    if (module.default === undefined) throw new Error('there is no default export');
    return await (typeof module.default === 'function' ? (module.default as () => unknown)() : module.default);
  } catch (cause) {
    throw fail(`cannot be run: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
  }
}

async function completed({ config, written }: Validated, dir: string, { env, cwd, pricesAt }: LoadOptions): Promise<Config> {
  const issues: ConfigIssue[] = [];
  const complete = async ([name, provider]: [string, ParsedProvider]): Promise<[string, ProviderConfig] | undefined> => {
    try {
      return [name, completeProvider(name, provider, { apiKey: await keyOf(provider, dir, env), pricesAt })];
    } catch (error) {
      if (!(error instanceof SecretError)) throw error;
      issues.push(place({ path: ['providers', name, error.option], problem: error.message }, written));
      return undefined;
    }
  };
  const providers = await Promise.all(Object.entries(config.providers ?? {}).map(complete));
  const { routes, faults } = await withTables(config, dir);
  throwIfAny([...issues, ...faults.map((fault) => place(fault, written))]);
  const dataDirBase = written.isOverride(['dataDir']) ? cwd : dir;
  return {
    ...withoutSchema(config),
    dataDir: resolve(dataDirBase, config.dataDir),
    providers: Object.fromEntries(providers.filter((entry) => entry !== undefined)),
    models: completeModels(config.models),
    routes,
  };
}

function withoutSchema(config: ParsedConfig): Omit<ParsedConfig, '$schema'> {
  const { $schema: _, ...rest } = config;
  return rest;
}
