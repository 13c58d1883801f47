import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ConfigError } from './config-error.ts';
import { optionTree, type JsonSchema } from './json-schema.ts';
import { parseSource, sourceOf } from './source.ts';
import { maxIssues, validate } from './validate.ts';

const issuesOf = (act: () => unknown): readonly string[] => {
  try {
    act();
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.message.split('\n');
  }
  return [];
};

const unknownOptions = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`unknown${index}`, 1]));

test('as many issues as may be are listed, the rest is counted', () => {
  assert.equal(issuesOf(() => validate(sourceOf(unknownOptions(maxIssues)), {})).length, maxIssues);
  const more = issuesOf(() => validate(sourceOf(unknownOptions(maxIssues + 2)), {}));
  assert.deepEqual([more.length, more.at(-1)], [maxIssues + 1, 'and 2 more']);
});

test('any text is a configuration or a list of issues with a place', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('server', 'port', ':', ' ', '\n', '{', '}', '[', ']', '&a', '*a', '"', '-', '1', '$', '#') }),
      (text) => {
        for (const issue of issuesOf(() => validate(parseSource(text, 'f'), {}))) assert.match(issue, /^f:\d+:\d+: /);
      },
    ),
    { numRuns: 2000 },
  );
});

test('any value at any option is accepted or told', () => {
  const paths = leafPaths(optionTree(), []);
  fc.assert(
    fc.property(fc.constantFrom(...paths), fc.jsonValue({ maxDepth: 2 }), (path, value) => {
      const data = path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value);
      for (const issue of issuesOf(() => validate(sourceOf(data, 'f'), {}))) assert.match(issue, /^f: /);
    }),
    { numRuns: 500 },
  );
});

function leafPaths(node: JsonSchema, path: readonly string[]): readonly (readonly string[])[] {
  const inner = [
    ...Object.entries(node.properties ?? {}),
    ...(node.additionalProperties ? [['any', node.additionalProperties] as const] : []),
  ];
  return inner.length === 0 ? [path] : inner.flatMap(([key, child]) => leafPaths(child, [...path, key]));
}
