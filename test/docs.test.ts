import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { loadConfig } from '../src/config/load.ts';
import { optionTree, type JsonSchema } from '../src/config/json-schema.ts';
import { cliReference, generatedPages, stalePages } from '../scripts/docs.ts';

const root = join(import.meta.dirname, '..');

test('the generated reference is current (`npm run docs` writes it)', async () => {
  assert.deepEqual(await stalePages(await generatedPages()), []);
});

test('a page that is missing or differs is named', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'modicum-docs-'));
  t.after(() => rm(folder, { recursive: true }));
  const pages = new Map([
    ['docs/a.md', 'a'],
    ['docs/b.md', 'b'],
    ['docs/c.md', 'c'],
  ]);
  for (const [path, text] of [
    ['docs/a.md', 'a'],
    ['docs/b.md', 'old'],
  ] as const) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  assert.deepEqual(await stalePages(pages, folder), ['docs/b.md', 'docs/c.md']);
});

test('every option has a meaning', () => {
  const without = (path: string, node: JsonSchema): readonly string[] => [
    ...(node.description ? [] : [path]),
    ...Object.entries(node.properties ?? {}).flatMap(([key, child]) => without(`${path}.${key}`, child)),
    ...(node.additionalProperties ? without(`${path}.<name>`, node.additionalProperties) : []),
  ];
  assert.deepEqual(without('', optionTree()), []);
});

test('a command is documented with usage, options and examples', () => {
  const page = cliReference([
    {
      name: 'report',
      summary: 'Shows what was spent.',
      usage: 'modicum report [--by KEY]',
      options: [
        { name: '--by', type: 'model|app', default: 'model', description: 'What to group by.' },
        { name: '--json', type: 'flag', description: 'One JSON object.' },
      ],
      examples: ['modicum report', { command: 'modicum report --by app', description: 'By app' }],
    },
  ]);
  assert.ok(page.includes('| [`report`](#report) | Shows what was spent. |'));
  assert.ok(page.includes('```sh\nmodicum report [--by KEY]\n```'));
  assert.ok(page.includes('| `--by` | model\\|app | `model` | What to group by. |'));
  assert.ok(page.includes('| `--json` | flag |  | One JSON object. |'));
  assert.ok(page.includes('```sh\nmodicum report\n# By app\nmodicum report --by app\n```'));
});

test('the example configuration loads', async () => {
  const { config, providersListed, warnings } = await loadConfig({
    path: 'modicum.example.yaml',
    env: { OPENAI_API_KEY: 'sk-example' },
    cwd: root,
  });
  assert.equal(providersListed, true);
  assert.deepEqual(warnings, []);
  assert.deepEqual(Object.keys(config.providers), ['openai', 'anthropic', 'google', 'local']);
  assert.deepEqual(
    [config.server.port, config.apps['batch']?.onClientAbort, config.models['small']?.prices?.input],
    [4000, 'drain', '0.02'],
  );
});
