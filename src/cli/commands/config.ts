import { createCatalog } from '../../catalog/catalog.ts';
import { editorSchema } from '../../config/json-schema.ts';
import { loadConfig } from '../../config/load.ts';
import { printConfig, withoutSecrets } from '../../config/print.ts';
import type { Arguments } from '../arguments.ts';
import type { Run } from '../command.ts';
import { exitCodes, usageError } from '../errors.ts';
import type { Terminal } from '../terminal.ts';

/** `check` says whether the configuration can be used; `print` shows it complete, secrets masked; `schema` is for editors. */
export const run: Run = async (given, terminal) => {
  switch (given.words[0]) {
    case 'check':
      await check(given, terminal);
      return exitCodes.ok;
    case 'print': {
      const { config } = await load(given, terminal);
      terminal.out(given.flag('json') ? `${JSON.stringify(withoutSecrets(config), null, 2)}\n` : printConfig(config));
      return exitCodes.ok;
    }
    case 'schema':
      terminal.out(`${JSON.stringify(editorSchema(), null, 2)}\n`);
      return exitCodes.ok;
    default:
      throw usageError(`config: "${given.words[0]}" is none of check, print, schema`);
  }
};

function load(given: Arguments, { env, cwd }: Terminal): ReturnType<typeof loadConfig> {
  const catalog = createCatalog();
  return loadConfig({ path: given.text('config'), env, cwd, pricesAt: (baseUrl) => catalog.providerAt(baseUrl) });
}

async function check(given: Arguments, terminal: Terminal): Promise<void> {
  const { path, config, providersListed, warnings } = await load(given, terminal);
  if (given.flag('json')) return terminal.out(`${JSON.stringify({ ok: true, path: path ?? null, warnings })}\n`);
  for (const warning of warnings) terminal.err(`${terminal.paintErr('yellow', 'warning:')} ${warning}\n`);
  const providers = providersListed ? `${Object.keys(config.providers).length} providers` : 'providers found at start';
  terminal.out(
    `${path ?? 'No file here: defaults'}${terminal.paint('green', ' ok')}, ${providers}, ${Object.keys(config.models).length} models\n`,
  );
}
