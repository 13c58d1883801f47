/** Writes the generated reference, or with `--check` tells which pages are out of date. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { editorSchema } from '../src/config/json-schema.ts';
import { configReference } from '../src/config/reference.ts';
import { errorCodes } from '../src/core/errors.ts';

const root = join(import.meta.dirname, '..');

/** One command of the CLI, as `src/cli/commands.ts` lists it. */
export interface DocumentedCommand {
  readonly name: string;
  readonly summary: string;
  readonly usage: string;
  readonly options: readonly {
    readonly name: string;
    readonly type: string;
    readonly default?: string | number | boolean;
    readonly description: string;
  }[];
  readonly examples?: readonly (string | { readonly command: string; readonly description?: string })[];
}

/** The generated files by path, relative to the repository. */
export async function generatedPages(): Promise<ReadonlyMap<string, string>> {
  const commands = await cliCommands();
  return new Map([
    ['docs/reference/config.md', configReference()],
    ['docs/reference/config.schema.json', `${JSON.stringify(editorSchema(), null, 2)}\n`],
    ['docs/reference/errors.md', errorReference()],
    ...(commands ? [['docs/reference/cli.md', cliReference(commands)] as const] : []),
  ]);
}

/** Paths of the pages that are missing or differ from what is generated. */
export async function stalePages(pages: ReadonlyMap<string, string>, folder = root): Promise<readonly string[]> {
  const compared = [...pages].map(async ([path, text]) =>
    (await readFile(join(folder, path), 'utf8').catch(() => '')) === text ? [] : [path],
  );
  return (await Promise.all(compared)).flat();
}

const row = (...cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |`;

function errorReference(): string {
  const rows = Object.entries(errorCodes).map(([code, { status, retryable, meaning }]) =>
    row(`\`${code}\``, String(status), retryable ? 'yes' : 'no', meaning),
  );
  return `# Errors

Generated from \`src/core/errors.ts\` by \`npm run docs\`; do not edit.

Every error the gateway itself answers with, in the shape of the client's own API. An error of the provider is passed on as it came.

${[row('Code', 'Status', 'May be retried', 'Meaning'), row('---', '---', '---', '---'), ...rows].join('\n')}
`;
}

async function cliCommands(): Promise<readonly DocumentedCommand[] | undefined> {
  const path = join(root, 'src/cli/commands.ts');
  const there = await readFile(path).then(
    () => true,
    () => false,
  );
  if (!there) return undefined;
  return ((await import(pathToFileURL(path).href)) as { readonly commands: readonly DocumentedCommand[] }).commands;
}

/** The reference of the command line, in Markdown. */
export const cliReference = (commands: readonly DocumentedCommand[]): string => `# Command line

Generated from \`src/cli/commands.ts\` by \`npm run docs\`; do not edit.

${[row('Command', 'What it does'), row('---', '---'), ...commands.map(({ name, summary }) => row(`[\`${name}\`](#${anchor(name)})`, summary))].join('\n')}

${commands.map(commandSection).join('\n\n')}
`;

const anchor = (name: string): string =>
  name
    .toLowerCase()
    .replaceAll(/[^a-z0-9 -]/g, '')
    .replaceAll(' ', '-');

function commandSection({ name, summary, usage, options, examples = [] }: DocumentedCommand): string {
  const rows = options.map((option) =>
    row(`\`${option.name}\``, option.type, option.default === undefined ? '' : `\`${option.default}\``, option.description),
  );
  const table = [row('Option', 'Type', 'Default', 'Meaning'), row('---', '---', '---', '---'), ...rows].join('\n');
  return [
    `## \`${name}\``,
    summary,
    `\`\`\`sh\n${usage}\n\`\`\``,
    ...(options.length > 0 ? [table] : []),
    ...(examples.length > 0 ? [`\`\`\`sh\n${examples.map(exampleLines).join('\n')}\n\`\`\``] : []),
  ].join('\n\n');
}

function exampleLines(example: NonNullable<DocumentedCommand['examples']>[number]): string {
  if (typeof example === 'string') return example;
  return example.description === undefined ? example.command : `# ${example.description}\n${example.command}`;
}

async function write(pages: ReadonlyMap<string, string>): Promise<void> {
  for (const [path, text] of pages) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
}

async function main(check: boolean): Promise<void> {
  const pages = await generatedPages();
  const stale = await stalePages(pages);
  if (!check) {
    await write(pages);
    console.log(stale.length === 0 ? 'all pages were current' : `written: ${stale.join(', ')}`);
  } else if (stale.length > 0) {
    console.error(`out of date, run \`npm run docs\`: ${stale.join(', ')}`);
    process.exitCode = 1;
  }
}

if (import.meta.main) await main(process.argv.includes('--check'));
