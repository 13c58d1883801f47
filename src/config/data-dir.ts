import { dirname, resolve } from 'node:path';
import type * as z from 'zod';
import { ConfigError, type OptionPath } from './config-error.ts';
import { interpolate } from './interpolate.ts';
import { insightOptions } from './schema/insight.ts';
import { readConfig, type LoadOptions } from './load.ts';

/** Where data lies when nobody says: the schema's default. */
export const defaultDataDir = '.modicum';

/**
 * The data directory that a configuration names, absolute. Nothing else of the file is checked, so that the ledger can be read where the
 * gateway's own variables are not set. @throws {ConfigError} when the file cannot be read.
 */
export async function configuredDataDir({ path, cwd, env }: Pick<LoadOptions, 'path' | 'cwd' | 'env'>): Promise<string> {
  const { source, path: found } = await readConfig({ path, cwd });
  const written = (source.value as { readonly dataDir?: unknown } | undefined)?.dataDir;
  const { value } = interpolate(written, env);
  const dir = typeof value === 'string' && value !== '' ? value : defaultDataDir;
  return resolve(found === undefined ? cwd : dirname(found), dir);
}

/** Who answers queries, as a configuration says it. Nothing else of the file is checked. @throws {ConfigError} */
export async function configuredInsight({
  path,
  cwd,
  env,
}: Pick<LoadOptions, 'path' | 'cwd' | 'env'>): Promise<z.output<typeof insightOptions>> {
  const { source } = await readConfig({ path, cwd });
  const { value } = interpolate((source.value as { readonly insight?: unknown } | undefined)?.insight, env);
  const { data, error } = insightOptions.safeParse(value);
  if (data) return data;
  throw new ConfigError(error.issues.map(({ path: at, message }) => ({ path: ['insight', ...(at as OptionPath)], problem: message })));
}
