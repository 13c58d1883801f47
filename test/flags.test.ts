import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { snakeCase } from '../src/catalog/card.ts';
import { inputBuckets, outputBuckets } from '../src/core/usage.ts';

const root = join(import.meta.dirname, '..');
const page = readFileSync(join(root, 'docs/guide/metering.md'), 'utf8');

/** Where flags are made. */
const folders = 'src/{catalog,protocols,providers,stages,server,telemetry,text}/**/*.ts';

/** A flag as the page lists it: a word, perhaps with `:DETAIL` behind, or `BUCKET` before. */
const word = '[a-z][a-z0-9]*(?:_[a-z0-9]+)+|unmetered|otlp';

/** Flags in a source: words that stand in a statement about flags, but are neither names of fields nor arguments of other functions. */
function flagsIn(source: string): readonly string[] {
  const statements = source.matchAll(/^.*(?:\bflags?\b|\.add\(|\bunreadMeter\().*(?:(?<=\[)\n(?:(?! *\];).*\n)*)?/gm);
  return [...statements]
    .map(([text]) => text.replace(/(?:\b(?!add|push|unreadMeter)[a-z]\w*\(|status: )'[^']*'|, '[^']*'\)/gi, ''))
    .flatMap(wordsIn);
}

const wordsIn = (text: string): readonly string[] => [
  ...[...text.matchAll(new RegExp(`'(${word})'`, 'g'))].map(([, flag]) => flag!),
  ...[...text.matchAll(/`([a-z_]+:)\$\{/g)].map(([, flag]) => flag!),
  ...[...text.matchAll(/\}(_[a-z_]+)`/g)].map(([, ending]) => `BUCKET${ending!}`),
];

/** `rate_missing:BUCKET` and `rate_missing` are one flag. */
const named = (flag: string): string => flag.replace(/:.*$/, '');

async function flagsOfSource(): Promise<ReadonlySet<string>> {
  const flags = new Set<string>();
  for await (const path of glob(folders, { cwd: root })) {
    if (/\.(test|testing)\.ts$/.test(path)) continue;
    for (const flag of flagsIn(readFileSync(join(root, path), 'utf8'))) flags.add(named(flag));
  }
  for (const outcome of outcomesAsFlags()) flags.add(outcome);
  const modifiers = readFileSync(join(root, 'src/catalog/data/modifiers.json'), 'utf8');
  for (const [, flag] of modifiers.matchAll(/"flag":\s*"([^"]+)"/g)) flags.add(named(flag!));
  return flags;
}

/** How a call ended is a flag too, when it did not end well: `outcome === 'aborted' || ... ? [outcome] : []`. */
function outcomesAsFlags(): readonly string[] {
  const stage = readFileSync(join(root, 'src/stages/meter/index.ts'), 'utf8');
  const [line = ''] = stage.match(/^.*\? \[outcome\] : \[\];$/m) ?? [];
  return [...line.matchAll(/'([a-z]+)'/g)].map(([, outcome]) => outcome!);
}

/** First cells of the tables under the heading "Flags". */
function flagsOfPage(): ReadonlySet<string> {
  const section = page.slice(page.indexOf('\n## Flags'));
  const end = section.indexOf('\n## ', 1);
  return new Set([...section.slice(0, end === -1 ? undefined : end).matchAll(/^\| `([^`]+)`/gm)].map(([, flag]) => named(flag!)));
}

test('every flag that a record can carry is explained, and no other', async () => {
  const made = await flagsOfSource();
  const told = flagsOfPage();
  assert.deepEqual([...made].filter((flag) => !told.has(flag)).sort(), [], 'made in the source, missing in docs/guide/metering.md');
  assert.deepEqual([...told].filter((flag) => !made.has(flag)).sort(), [], 'explained in docs/guide/metering.md, made nowhere');
});

test('flags are found however they are written', () => {
  const source = `
    if (low) flags.add('lower_bound').add('count_clamped');
    const flags = [
      ...(missing ? ['input_estimated'] : []),
    ];
    return { flags: ['observer_limit'], raw };
    return unreadMeter('encoding_unread');
    const media = part(told, left, 'media_exceeds_input', flags);
    return { card, flag: 'priced_by_name' };
    flags.push(\`\${ok ? 'rate_missing' : 'count_invalid'}:\${bucket}\`);
    return { flags: [\`tier_unknown:\${word}\`] };
    const flag = silent ? undefined : \`\${snake}_rate_fallback\`;`;
  assert.deepEqual([...new Set(flagsIn(source).map(named))].sort(), [
    'BUCKET_rate_fallback',
    'count_clamped',
    'count_invalid',
    'encoding_unread',
    'input_estimated',
    'lower_bound',
    'media_exceeds_input',
    'observer_limit',
    'priced_by_name',
    'rate_missing',
    'tier_unknown',
  ]);
});

test('every bucket of tokens is listed', () => {
  const missing = [...inputBuckets, ...outputBuckets].filter((bucket) => !new RegExp(`^\\| \`${bucket}\` +\\|`, 'm').test(page));
  assert.deepEqual(missing, []);
  assert.equal(snakeCase('cacheWrite12h'), 'cache_write_12h', 'flags name buckets in this form');
});
