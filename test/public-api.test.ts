import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import * as sdk from '../src/sdk/index.ts';

const root = join(import.meta.dirname, '..');

interface Manifest {
  readonly bin: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta: Readonly<Record<string, { readonly optional?: boolean }>>;
}
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;

/** More than these needs a reason in docs/dependencies.md first, as does what is loaded only when an option asks for it: `optionalPeers`. */
const allowedDependencies = ['tinyld', 'undici', 'yaml', 'zod'];

test('the package needs these dependencies at run time, and each is explained', () => {
  const { dependencies, optionalDependencies = {}, peerDependencies, peerDependenciesMeta } = manifest;
  assert.deepEqual(Object.keys({ ...dependencies, ...optionalDependencies }).sort(), allowedDependencies);
  assert.deepEqual(
    Object.keys(peerDependencies).filter((name) => peerDependenciesMeta[name]?.optional !== true),
    [],
  );
  const page = readFileSync(join(root, 'docs/dependencies.md'), 'utf8');
  const unexplained = Object.keys({ ...dependencies, ...devDependencies() }).filter(
    (name) => !new RegExp(`^\\| \`${name}\` +\\|`, 'm').test(page),
  );
  assert.deepEqual(unexplained, []);
});

const devDependencies = (): Readonly<Record<string, string>> =>
  (manifest as unknown as { readonly devDependencies: Readonly<Record<string, string>> }).devDependencies;

test('the code that is shipped imports nothing else, and optional packages only when they are needed', async () => {
  const foreign = new Set<string>();
  const optional = new Set(Object.keys(manifest.peerDependencies));
  for await (const path of glob('src/**/*.ts', { cwd: root })) {
    if (isForTests(path)) continue;
    const source = readFileSync(join(root, path), 'utf8');
    for (const name of packagesIn(source)) if (!isBuiltin(name) && !optional.has(name)) foreign.add(name);
    for (const name of packagesIn(source.replace(/^import type .*$|\bimport\(/gm, '')))
      assert.ok(!optional.has(name), `${path} always loads ${name}`);
  }
  assert.deepEqual([...foreign].sort(), allowedDependencies);
});

/** What `tsconfig.build.json` leaves out of the package. */
const isForTests = (path: string): boolean =>
  /\.(test|testing|child)\.ts$|(^|\/)(testing|fixtures|conformance|arbitrary-[a-z-]+)\.ts$|\/conformance\//.test(path);

/** Packages that a source imports, statically or not. */
function packagesIn(source: string): readonly string[] {
  const imports = source.matchAll(
    /(?:^\s*(?:import|export)\b[^'"`;=]*?\bfrom\s*|^\s*import\s*|\bimport\(|createRequire\(import\.meta\.url\)\()['"]([^'"]+)['"]/gm,
  );
  return [...imports]
    .map(([, specifier]) => specifier!)
    .filter((specifier) => !specifier.startsWith('.'))
    .map((specifier) => specifier.replace(/^(node:.*|@[^/]+\/[^/]+|[^/]+).*$/, '$1'));
}

test('imports are found in every form', () => {
  const source = `import a from 'a';\nimport type { B } from '@b/b/deep';\nexport { c } from "c/c.js";\nimport 'd';\nawait import('e');\nconst g = createRequire(import.meta.url)('g');\nimport {\n  f,\n} from 'node:fs';\nimport './own.ts';`;
  assert.deepEqual(packagesIn(source), ['a', '@b/b', 'c', 'd', 'e', 'g', 'node:fs']);
});

test('an application may import these', () => {
  assert.deepEqual(Object.keys(sdk).sort(), ['labelledFetch', 'labels']);
});

test('the package can be entered here only', () => {
  assert.deepEqual(manifest.exports, {
    '.': { types: './dist/sdk/index.d.ts', default: './dist/sdk/index.js' },
    './package.json': './package.json',
  });
  assert.deepEqual(manifest.bin, { modicum: 'dist/cli/main.js' });
});

test('every entry has its source', () => {
  const targets = [
    ...Object.values(manifest.bin),
    ...Object.values(manifest.exports).flatMap((entry) => (typeof entry === 'string' ? [entry] : Object.values(entry))),
  ];
  const sources = targets.map((target) => target.replace(/^(?:\.\/)?dist\//, 'src/').replace(/(\.d\.ts|\.js)$/, '.ts'));
  assert.deepEqual(
    sources.filter((source) => !existsSync(join(root, source))),
    [],
  );
});
