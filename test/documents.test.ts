import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';
import { commands } from '../src/cli/commands.ts';
import { optionTree, type JsonSchema } from '../src/config/json-schema.ts';
import { parseSource } from '../src/config/source.ts';
import { validate } from '../src/config/validate.ts';
import { errorCodes } from '../src/core/errors.ts';
import { benches } from '../bench/registry.ts';
import { anchorsIn, fencesIn, filesOf, linksIn, root, shellLines, textOf } from './documents.ts';

const pages = await filesOf('**/*.md');
const manifest = JSON.parse(textOf('package.json')) as { readonly scripts: Readonly<Record<string, string>> };

test('every link leads to a file and a heading that are there', () => {
  const broken = pages.flatMap((page) =>
    linksIn(textOf(page))
      .filter((target) => !leads(page, target))
      .map((target) => `${page}: ${target}`),
  );
  assert.deepEqual(broken, []);
});

function leads(page: string, target: string): boolean {
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? page : normalize(join(dirname(page), path));
  if (!existsSync(join(root, file))) return false;
  return anchor === undefined || anchorsIn(textOf(file)).includes(anchor);
}

test('every command and every error is in the reference', () => {
  const reference = { cli: textOf('docs/reference/cli.md'), errors: textOf('docs/reference/errors.md') };
  assert.deepEqual(
    commands.filter(({ name }) => !reference.cli.includes(`\n## \`${name}\`\n`)).map(({ name }) => name),
    [],
  );
  assert.deepEqual(
    Object.keys(errorCodes).filter((code) => !reference.errors.includes(`| \`${code}\` |`)),
    [],
  );
});

test('every header of our own is explained', async () => {
  const sources = (await filesOf('src/**/*.ts')).filter((path) => !path.endsWith('.test.ts')).map(textOf);
  const headers = new Set(sources.flatMap((source) => source.match(/x-modicum-[a-z-]*[a-z]/g) ?? []));
  assert.ok(headers.has('x-modicum-app'));
  const guide = textOf('docs/guide/clients.md');
  assert.deepEqual(
    [...headers].filter((header) => !new RegExp(`\`${header}(-NAME)?\``).test(guide)),
    [],
  );
});

test('every option is read by something', async () => {
  const sources = (await filesOf('src/**/*.ts')).filter((path) => !path.endsWith('.test.ts') && !path.startsWith('src/config/schema'));
  const code = sources.map(textOf).join('\n');
  assert.deepEqual(
    leavesOf(optionTree()).filter((name) => !new RegExp(`\\b${name}\\b`).test(code)),
    [],
  );
});

/** Names of the options that are no groups; prices are read by bucket. */
function leavesOf(node: JsonSchema): readonly string[] {
  const named = Object.entries(node.properties ?? {}).filter(([name]) => name !== 'prices' && !name.startsWith('$'));
  const below = named.flatMap(([name, child]) => (child.properties || child.additionalProperties ? leavesOf(child) : [name]));
  return [...below, ...(node.additionalProperties ? leavesOf(node.additionalProperties) : [])];
}

test('every shell example names commands, options and scripts that exist', () => {
  const wrong = pages.flatMap((page) =>
    fencesIn(textOf(page))
      .filter(({ language }) => language === 'sh')
      .flatMap(({ text }) => shellLines(text))
      .flatMap((words) => faults(words).map((fault) => `${page}: ${words.join(' ')}: ${fault}`)),
  );
  assert.deepEqual(wrong, []);
});

/** What is wrong with one line of a shell; lines of other programs are not looked at. */
function faults(words: readonly string[]): readonly string[] {
  if (words[0] === 'modicum') return faultsOfCommand(words.slice(1));
  if (words[0] === 'npx' && words[1] === 'modicum') return faultsOfCommand(words.slice(2));
  if (words[0] !== 'npm' || words[1] !== 'run') return [];
  const [script = '', ...rest] = words.slice(2).filter((word) => word !== '-s' && word !== '--');
  if (!(script in manifest.scripts)) return [`no script ${script}`];
  if (script === 'modicum') return faultsOfCommand(rest);
  return script === 'bench' && rest[0] !== undefined && !(rest[0] in benches) && /^[a-z]/.test(rest[0]) ? [`no bench ${rest[0]}`] : [];
}

function faultsOfCommand([name = '', ...rest]: readonly string[]): readonly string[] {
  if (['--version', '--help', 'help'].includes(name)) return [];
  const command = commands.find((candidate) => candidate.name === name);
  if (!command) return [`no command ${name}`];
  const known = new Set(['--help', ...command.options.flatMap((option) => [option.name, option.name.replace('--', '--no-')])]);
  // A usage line has options in brackets, and alternatives.
  const options = rest.flatMap((word) => word.match(/--[a-z][a-z-]*/g) ?? []);
  return options.filter((option) => !known.has(option)).map((option) => `no option ${option}`);
}

test('a wrong example is found', () => {
  assert.deepEqual(faults(['npm', 'run', '-s', 'modicum', '--', 'report', '--by', 'app', '--nonsense']), ['no option --nonsense']);
  assert.deepEqual(faults(['npm', 'run', '-s', 'modicum', '--', 'bill']), ['no command bill']);
  assert.deepEqual(faults(['npm', 'run', 'nonsense']), ['no script nonsense']);
  assert.deepEqual(faults(['npm', 'run', '-s', 'bench', '--', 'nonsense']), ['no bench nonsense']);
  assert.deepEqual(faults(['npx', 'modicum', 'tail', '--no-follow']), []);
});

test('every example of a configuration is valid', () => {
  const fences = pages.flatMap((page) =>
    fencesIn(textOf(page))
      .filter(({ language }) => language === 'yaml')
      .map(({ text }) => ({ page, text })),
  );
  assert.ok(fences.length > 0);
  for (const { page, text } of fences)
    assert.doesNotThrow(() => validate(parseSource(text, 'modicum.yaml'), environmentFor(text)), `${page}:\n${text}`);
});

/** A value for each variable that a text asks for. */
const environmentFor = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries([...text.matchAll(/\$\{(\w+)/g)].map(([, name]) => [name!, 'a-value-of-some-length']));

test('every example in JSON can be parsed', () => {
  for (const page of pages)
    for (const { language, text } of fencesIn(textOf(page)))
      if (language === 'json') assert.doesNotThrow(() => JSON.parse(text) as unknown, `${page}:\n${text}`);
});

test('no file names a place on the machine it was written on', async () => {
  const paths = (await filesOf('**/*.{md,ts,json,yaml,yml,sh}')).concat(await filesOf('.ci/*'));
  const places = new RegExp(`(^|[\\s"'\`(=:])/(${['work', 'tmp', 'home', 'Users', 'root'].join('|')})/`, 'm');
  assert.deepEqual(
    paths.filter((path) => !path.startsWith('test/golden/') && places.test(textOf(path))),
    [],
  );
});

test('links, anchors and shell lines are read as they are meant', () => {
  const markdown = 'See [a](b.md#c) and [site](https://example.com).\n\n## `ledger` and, more\n\n```sh\n[x](y)\n```\n';
  assert.deepEqual(linksIn(markdown), ['b.md#c']);
  assert.deepEqual(anchorsIn(markdown), ['ledger-and-more']);
  assert.deepEqual(shellLines('a "b c" # d\n\n# e\nf \\\n  g && h | i'), [['a', '"b c"'], ['f', 'g'], ['h'], ['i']]);
});
