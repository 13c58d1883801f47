import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from './config-error.ts';
import { loadConfig, type LoadOptions } from './load.ts';

/** Folders with configuration files in them, gone when the tests of a file are over. */
export interface ConfigFolders {
  readonly folder: (files: Readonly<Record<string, string>>) => Promise<string>;
  /** Loads `modicum.yaml` with this text. */
  readonly load: (yaml: string, options?: Partial<LoadOptions>) => ReturnType<typeof loadConfig>;
  readonly remove: () => Promise<void>;
}

export async function configFolders(): Promise<ConfigFolders> {
  const root = await mkdtemp(join(tmpdir(), 'modicum-config-'));
  let folders = 0;
  const folder = async (files: Readonly<Record<string, string>>): Promise<string> => {
    const cwd = join(root, String(folders++));
    await mkdir(cwd);
    for (const [name, text] of Object.entries(files)) await writeFile(join(cwd, name), text);
    return cwd;
  };
  return {
    folder,
    load: async (yaml, options = {}) => loadConfig({ env: {}, cwd: await folder({ 'modicum.yaml': yaml }), ...options }),
    remove: () => rm(root, { recursive: true }),
  };
}

/** What a configuration that cannot be used says. */
export async function messageOf(loading: Promise<unknown>): Promise<string> {
  try {
    await loading;
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.message;
  }
  return 'no error';
}

/** A provider that is complete. */
export const oneProvider = 'providers:\n  a: { protocol: openai, baseUrl: https://a.example/v1 }\n';
