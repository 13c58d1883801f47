import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { GatewayError } from './errors.ts';
import { Mark, maxDepth, outline } from './scan.ts';

type Value = null | boolean | number | string | readonly Value[] | { readonly [key: string]: Value };
type Entries = readonly (readonly [string, Value])[];

/** How a document is printed: JSON leaves white space and escapes free. */
interface Print {
  /** White space to put in, in turns. */
  readonly spaces: readonly string[];
  /** Whether the next character is written as `\uXXXX`, in turns. */
  readonly escapes: readonly boolean[];
}

function printer({ spaces, escapes }: Print) {
  let spaced = 0;
  let escaped = 0;
  const space = () => spaces[spaced++ % spaces.length]!;
  const escape = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  const plain = (char: string) => JSON.stringify(char).slice(1, -1);
  const written = (char: string) => (escapes[escaped++ % escapes.length] ? char.split('').map(escape).join('') : plain(char));
  const string = (text: string) => `"${Array.from(text, written).join('')}"`;
  const object = (entries: Entries): string =>
    `{${entries.map(([key, value]) => `${space()}${string(key)}${space()}:${space()}${print(value)}${space()}`).join(',') || space()}}`;
  const print = (value: Value): string => {
    if (typeof value === 'string') return string(value);
    if (Array.isArray(value)) return `[${(value as readonly Value[]).map((each) => space() + print(each) + space()).join(',') || space()}]`;
    return typeof value === 'object' && value !== null ? object(Object.entries(value)) : JSON.stringify(value);
  };
  return { document: (entries: Entries) => space() + object(entries) + space() };
}

const prints: fc.Arbitrary<Print> = fc.record({
  spaces: fc.array(fc.constantFrom('', '', '', ' ', '\n', '\r\n', '\t', '  \n '), { minLength: 1, maxLength: 7 }),
  escapes: fc.oneof(fc.constant([false]), fc.array(fc.boolean(), { minLength: 1, maxLength: 7 })),
});

/** Strings as prompts have them and worse: runs of backslashes and quotes, braces, control characters, long ones. */
const strings = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc
    .array(
      fc.constantFrom('\\', '\\\\\\', '"', '""', '{', '}', '[', ']', ',', ':', '\n', '\u0000', '\u007f', 'é', '漢', '😀', 'x'.repeat(40)),
      {
        maxLength: 30,
      },
    )
    .map((pieces) => pieces.join('')),
);
const keys = fc.oneof(fc.constantFrom('role', 'type', 'content', 'parts', 'output', 'text', 'messages', '', '__proto__'), strings);
const numbers = fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }));
const { value: values } = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(null, true, false),
    numbers,
    strings,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(keys, tie('value'), { maxKeys: 4 }) as fc.Arbitrary<Value>,
  ),
}));
const promptKeys = ['messages', 'input', 'contents', 'system'];
const block = fc.oneof(
  values,
  fc.dictionary(fc.constantFrom('type', 'text', 'source'), values, { noNullPrototype: true }) as fc.Arbitrary<Value>,
);
const item = fc.oneof(
  values,
  fc.dictionary(
    fc.constantFrom('role', 'type', 'content', 'parts', 'output', 'name'),
    fc.oneof(values, fc.array(block, { maxLength: 4 })),
    {
      noNullPrototype: true,
    },
  ) as fc.Arbitrary<Value>,
);
const entry: fc.Arbitrary<readonly [string, Value]> = fc.oneof(
  fc.tuple(keys, values),
  fc.tuple(fc.constantFrom(...promptKeys), fc.array(item, { maxLength: 4 })),
);
const entries = fc.uniqueArray(entry, { selector: ([key]) => key, maxLength: 6 });

/** What the tape must mark, by a plain walk over the parsed document; in order of the document. */
function expectedMarks(document: Entries): [number, Value][] {
  const marks: [number, Value][] = [];
  for (const [key, list] of document) {
    if (!promptKeys.includes(key) || !Array.isArray(list)) continue;
    for (const each of list as readonly Value[]) {
      marks.push([Mark.Item, each]);
      if (isObject(each)) for (const [name, value] of Object.entries(each)) marks.push(...marksOfField(name, value));
    }
  }
  return marks;
}

const isObject = (value: Value): value is { readonly [key: string]: Value } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const fieldMarks: Readonly<Record<string, number>> = {
  role: Mark.Role,
  type: Mark.Type,
  content: Mark.Content,
  parts: Mark.Content,
  output: Mark.Content,
};

function marksOfField(name: string, value: Value): [number, Value][] {
  const mark = Object.hasOwn(fieldMarks, name) ? fieldMarks[name]! : 0;
  if (mark === 0) return [];
  if (!Array.isArray(value)) return [[mark, value]];
  if (mark !== Mark.Content) return [];
  return [[mark, value], ...(value as readonly Value[]).flatMap(marksOfBlock)];
}

const marksOfBlock = (each: Value): [number, Value][] => [
  [Mark.Block, each],
  ...(isObject(each) && Object.hasOwn(each, 'type') ? [[Mark.BlockType, each.type!] as [number, Value]] : []),
];

function marksOf(json: Buffer): [number, Value][] {
  const { tape } = outline(json);
  const marks: [number, Value][] = [];
  for (let at = 0; at < tape.length; at += 3) marks.push([tape[at]!, parsed(json, tape[at + 1]!, tape[at + 2]!)]);
  return marks;
}

const parsed = (json: Buffer, from: number, to: number): Value => JSON.parse(json.toString('utf8', from, to)) as Value;
/** As JSON reads it: -0 is 0, and what a string cannot hold in UTF-8 is replaced. */
const normal = <T>(value: T): T => JSON.parse(Buffer.from(JSON.stringify(value)).toString()) as T;

test('keys and values are those of JSON.parse, however the document is printed', () => {
  fc.assert(
    fc.property(entries, prints, (document, print) => {
      const json = Buffer.from(printer(print).document(document));
      const { members } = outline(json);
      assert.deepEqual(
        [...members].map(([key, { from, to }]) => [key, parsed(json, from, to)]),
        normal(document),
      );
      for (const { start, from, to, end } of members.values()) {
        assert.match(json.toString('latin1', start, from), /^\s*".*"\s*:\s*$/s);
        assert.match(json.toString('latin1', to, end), /^\s*$/);
      }
    }),
    { numRuns: 1000 },
  );
});

test('the tape marks what a plain walk over the parsed document finds', () => {
  fc.assert(
    fc.property(entries, prints, (document, { spaces }) => {
      // Keys inside items are compared as bytes: one that is written in escapes is not marked, so no escapes here.
      const json = Buffer.from(printer({ spaces, escapes: [false] }).document(document));
      assert.deepEqual(marksOf(json), normal(expectedMarks(document)));
    }),
    { numRuns: 1000 },
  );
});

test('members agree with JSON.parse on whatever it accepts; else a refusal is an invalid_request', () => {
  const mutation = fc.record({
    at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    remove: fc.nat({ max: 3 }),
    insert: fc.oneof(
      fc.constantFrom('"', '\\', '{', '}', '[', ']', ',', ':', ' ', '1', 'u0022', '\\"').map((text) => Buffer.from(text)),
      fc.uint8Array({ maxLength: 2 }),
    ),
  });
  fc.assert(
    fc.property(entries, prints, fc.array(mutation, { minLength: 1, maxLength: 3 }), (document, print, mutations) => {
      let json = Buffer.from(printer(print).document(document));
      for (const { at, remove, insert } of mutations) {
        const place = Math.floor(at * (json.length + 1));
        json = Buffer.concat([json.subarray(0, place), insert, json.subarray(place + remove)]);
      }
      compareWithParser(json);
    }),
    { numRuns: 3000 },
  );
});

test('of bytes that are no JSON it makes a refusal, or marks in order and within them', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      const json = Buffer.concat([Buffer.from('{"messages":['), bytes, Buffer.from(']}')]);
      const found = outlined(json);
      const { tape } = found instanceof GatewayError ? { tape: [] } : found;
      for (let at = 0; at < tape.length; at += 3) {
        assert.ok(tape[at + 1]! >= (at === 0 ? 13 : tape[at - 2]!), 'in order, from the first element on');
        assert.ok(tape[at + 1]! < tape[at + 2]! && tape[at + 2]! <= json.length - 2, 'within the list, and not empty');
      }
    }),
    { numRuns: 2000 },
  );
});

function outlined(json: Buffer): ReturnType<typeof outline> | GatewayError {
  try {
    return outline(json);
  } catch (error) {
    assert.ok(error instanceof GatewayError, String(error));
    assert.equal(error.code, 'invalid_request');
    return error;
  }
}

function compareWithParser(json: Buffer): void {
  const found = outlined(json);
  const text = json.toString();
  const value = tryParse(text);
  if (value === undefined || !isObject(value)) return;
  if (found instanceof GatewayError) assert.match(found.message, /stands twice|nested deeper/, text);
  else assert.deepEqual(Object.fromEntries([...found.members].map(([key, { from, to }]) => [key, parsed(json, from, to)])), value, text);
}

function tryParse(text: string): Value | undefined {
  try {
    return JSON.parse(text) as Value;
  } catch {
    return undefined;
  }
}

test('a key that stands twice is refused, however its letters are written', () => {
  fc.assert(
    fc.property(entries, keys, values, prints, (document, key, value, print) => {
      const others = document.filter(([name]) => name !== key);
      const twice: Entries = [[key, value], ...others, [key, value]];
      assert.throws(() => outline(Buffer.from(printer(print).document(twice))), { code: 'invalid_request', message: /stands twice/ });
    }),
  );
});

test('nesting is refused beyond the limit, in prompt lists too', () => {
  const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
  for (const key of ['a', 'messages']) {
    assert.equal(outline(Buffer.from(`{"${key}":${nested(maxDepth)}}`)).members.size, 1);
    assert.throws(() => outline(Buffer.from(`{"${key}":${nested(maxDepth + 2)}}`)), /nested deeper/);
  }
});
