import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Run } from '../command.ts';
import { exitCodes, failure } from '../errors.ts';
import { template } from '../template.ts';
import { self } from '../version.ts';

/** Writes a configuration to begin with. */
export const run: Run = async (given, terminal) => {
  const name = given.words[0] ?? 'modicum.yaml';
  const path = resolve(terminal.cwd, name);
  try {
    await writeFile(path, template, { flag: given.flag('force') ? 'w' : 'wx' });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw failure(`${name} is there already; --force writes over it`, error);
    if (code === 'ENOENT') throw failure(`${name} cannot be written: there is no such folder`, error);
    throw error;
  }
  terminal.out(`Written: ${path}\nCheck it with \`${self} config check\`, start with \`${self} serve\`.\n`);
  return exitCodes.ok;
};
