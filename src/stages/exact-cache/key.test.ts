import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { Body } from '../../core/body.ts';
import { Call, type CallCodec } from '../../core/call.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Scope } from '../../core/pipeline.ts';
import { testScope } from '../../core/testing.ts';
import { replyKey, type KeyParts } from './key.ts';

const field = <T>(value: T) => ({ decode: () => value, encode: () => ({}) });
const codecOf = (api: CallCodec['api']): CallCodec => ({
  api,
  fields: { model: field('m'), stream: field(false), streamUsage: field(true) },
});
const callOf = (body: string | Buffer, api: CallCodec['api'] = 'openai.chat'): Call =>
  Call.received('c', { codec: codecOf(api), body: new Body([Buffer.from(body)]) });
const parts: KeyParts = { isolation: 'key', revision: 'r', knowledge: '', memo: '' };
const keyOf = (
  body: string | Buffer,
  over: Partial<Scope> = {},
  api: CallCodec['api'] = 'openai.chat',
  more: Partial<KeyParts> = {},
): string => replyKey(callOf(body, api), testScope(over), { ...parts, ...more });

const base =
  '{"model":"m","temperature":0,"messages":[{"role":"system","content":"Be kind."},{"role":"user","content":"Zoë asks: 1.0?\\n"}],"tools":[{"name":"a","strict":true}],"seed":7}';

suite('calls that have the same key', () => {
  const same: readonly (readonly [string, string, Partial<Scope>?])[] = [
    ['order of the top-level keys', '{"temperature":0,"model":"m","messages":["x"]}'],
    ['the end user', '{"model":"m","temperature":0,"messages":["x"],"user":"u1"}'],
    ['a safety id', '{"model":"m","temperature":0,"messages":["x"],"safety_identifier":"s"}'],
    ['the id of a conversation', '{"model":"m","temperature":0,"messages":["x"],"prompt_cache_key":"k"}'],
    [
      'the version of the client',
      '{"model":"m","temperature":0,"messages":["x"]}',
      { headers: ['User-Agent', 'a/2', 'X-Stainless-Lang', 'js'] },
    ],
    ['tracing', '{"model":"m","temperature":0,"messages":["x"]}', { headers: ['traceparent', '00-1', 'x-request-id', 'r1'] }],
    ['what is said to caches', '{"model":"m","temperature":0,"messages":["x"]}', { headers: ['cache-control', 'max-age=3'] }],
    ['session and user', '{"model":"m","temperature":0,"messages":["x"]}', { labels: { session: 's', user: 'u', task: 't' } }],
  ];
  for (const [name, body, over] of same)
    test(name, () => assert.equal(keyOf(body, over), keyOf('{"model":"m","temperature":0,"messages":["x"]}')));

  const anthropic = (system: string, metadata = ''): string => `{"model":"m",${metadata}"system":${system},"messages":[]}`;
  const billing = (text: string): string => anthropic(`[{"type":"text","text":"${text}"},{"type":"text","text":"Rules"}]`);
  const claude = (body: string): string => keyOf(body, {}, 'anthropic.messages');

  test("Claude Code's billing block and user id, whatever they say", () => {
    const first = claude(billing('x-anthropic-billing-header: cc_version=2.1.3; cc_entrypoint=cli; cch=00f;'));
    assert.equal(claude(billing('x-anthropic-billing-header: cc_version=2.1.4.a1; cc_entrypoint=sdk-cli;')), first);
    const identified = (id: string): string => claude(anthropic('"s"', `"metadata":{"user_id":"${id}"},`));
    assert.equal(identified('a'), identified('b'));
    assert.equal(identified('a'), claude(anthropic('"s"')));
  });

  test('but not what only looks like them', () => {
    const texts = [
      'x-anthropic-billing-header: cc_version=1; Answer in French.',
      'x-anthropic-billing-header: cc_version=1;\\nAnswer in French.',
      'x-anthropic-billing-header: language=fr;',
      'x-anthropic-billing-header: language=de;',
      ' x-anthropic-billing-header: cc_version=1;',
    ];
    const bodies = [
      ...texts.map(billing),
      billing('x-anthropic-billing-header: cch=1;').replace('"Rules"', '"x-anthropic-billing-header: cch=1;"'),
      anthropic('[{"type":"text","text":"x-anthropic-billing-header: cch=1;","cache_control":{"type":"ephemeral"}}]'),
      anthropic('[{"type":"text","text":"x-anthropic-billing-header: cch=1;"}]'),
      anthropic('[]'),
      anthropic('"s"', '"metadata":{"user_id":"a","locale":"fr"},'),
      anthropic('"s"', '"metadata":{"user_id":{"a":1}},'),
      anthropic('"s"'),
    ];
    assert.equal(new Set(bodies.map(claude)).size, bodies.length);
    assert.notEqual(keyOf('{"model":"m","user":["a"]}'), keyOf('{"model":"m"}'), 'an id that is no text is no id');
  });
});

test('the same meaning in other bytes has another key: whoever repeats a call writes it the same way', () => {
  const others = [
    base.replace('"tools":[', '"tools": ['),
    base.replace('Be kind', 'B\\u0065 kind'),
    base.replace('"seed":7', '"seed":7.0'),
    base.replace('"seed":7', '"seed":70e-1'),
    base.replace('Zoë', 'Zoe\u0308'),
    base.replace('"name":"a","strict":true', '"strict":true,"name":"a"'),
    base.replace('"strict":true', '"strict":false,"strict":true'),
    base.replace('"model"', '"mod\\u0065l"'),
  ];
  const keys = [base, ...others].map((body) => keyOf(body));
  assert.equal(new Set(keys).size, keys.length);
});

test('the key does not depend on the chunks in which a body came', () => {
  const cut = base.length >> 1;
  const chunks = [Buffer.from(base.slice(0, cut)), Buffer.from(base.slice(cut))];
  const call = Call.received('c', { codec: codecOf('openai.chat'), body: new Body(chunks) });
  assert.equal(replyKey(call, testScope(), parts), keyOf(base));
});

test('a call that a stage has changed has the key of what it became', () => {
  const scope = testScope();
  const changed = callOf(base).withJson({ seed: Buffer.from('8') });
  assert.equal(replyKey(changed, scope, parts), keyOf(base.replace('"seed":7', '"seed":8')));
  assert.notEqual(replyKey(changed, scope, parts), keyOf(base));
});

/** What is about one call beside its body. */
const tenants: readonly (readonly [string, Partial<Scope>, Partial<KeyParts>?])[] = [
  ['another virtual key', { key: 'key_2' }],
  ['another credential of its own', { credentials: ['authorization', 'Bearer b'] }],
  ['another team', { labels: { team: 't' } }],
  ['another app', { labels: { app: 'a' } }],
  ['another feature', { labels: { feature: 'f' } }],
  ['another tag', { labels: { tags: { a: 'b' } } }],
  ['a header nobody knows', { headers: ['x-vendor-mode', 'strict'] }],
  ['another version of the protocol', { headers: ['anthropic-version', '2026-10-21'] }],
  ['a beta', { headers: ['anthropic-beta', 'context-1m'] }],
  ['another path', { target: '/v1/chat/completions?beta=true' }],
  ['a label of what it holds', { annotations: { sensitivity: 'secret' } }],
  ['other knowledge', {}, { knowledge: '2' }],
  ['other options', {}, { revision: 's' }],
  ['a memo', {}, { memo: 'task:t1' }],
];

suite('what makes another key', () => {
  for (const [name, over, more] of tenants) test(name, () => assert.notEqual(keyOf(base, over, 'openai.chat', more), keyOf(base)));

  test('an isolation by what the call does not tell is one by its key', () => {
    for (const isolation of ['team', 'app'] as const)
      assert.notEqual(keyOf(base, { key: 'a' }, 'openai.chat', { isolation }), keyOf(base, { key: 'b' }, 'openai.chat', { isolation }));
  });

  test('a wider isolation shares, but nothing that was found sensitive', () => {
    const by = (isolation: KeyParts['isolation'], over: Partial<Scope>): string => keyOf(base, over, 'openai.chat', { isolation });
    assert.equal(by('team', { key: 'a', labels: { team: 't' } }), by('team', { key: 'b', labels: { team: 't' } }));
    assert.equal(by('app', { key: 'a', labels: { app: 'x', team: 't' } }), by('app', { key: 'b', labels: { app: 'x', team: 'u' } }));
    const annotations = { sensitivity: 'personal' };
    const found = (key: string): string => by('app', { key, labels: { app: 'x' }, annotations });
    assert.notEqual(found('a'), found('b'));
  });
});

/** One change to a body that may change its meaning, or is not proven harmless. `undefined`: it does not apply. */
type Mutation = (body: string, at: number, letter: string) => string | undefined;
const replaceAt = (body: string, at: number, text: string, length = 1): string => body.slice(0, at) + text + body.slice(at + length);
const atMatch =
  (pattern: RegExp, make: (found: string) => string): Mutation =>
  (body, at) => {
    const found = [...body.matchAll(pattern)];
    const one = found[at % Math.max(1, found.length)];
    return one && replaceAt(body, one.index, make(one[0]), one[0].length);
  };
const mutations: Readonly<Record<string, Mutation>> = {
  'one byte': (body, at, letter) => replaceAt(body, at % body.length, letter),
  'one more byte': (body, at, letter) => replaceAt(body, at % body.length, letter, 0),
  'one byte less': (body, at) => replaceAt(body, at % body.length, ''),
  'spaces between tokens': atMatch(/[:,[{]/g, (found) => `${found} `),
  'a letter escaped': atMatch(/(?<=[a-z])[a-z](?=[a-z])/g, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`),
  'a number written otherwise': atMatch(/(?<=[:,[])-?\d+(?=[,}\]])/g, (found) => `${found}.0`),
  'a number with an exponent': atMatch(/(?<=[:,[])-?\d+(?=[,}\]])/g, (found) => `${found}e0`),
  'another number': atMatch(/\d/g, (found) => String((Number(found) + 1) % 10)),
  'unicode taken apart': atMatch(/[À-ž]/g, (found) => found.normalize('NFD')),
  'a nested key twice': atMatch(/"role":/g, (found) => `${found}"user",${found}`),
  'a nested key more': atMatch(/(?<=.)\{/g, () => '{"extra":null,'),
  'an unknown top-level key': (body, at) => replaceAt(body, 1, `"vendor_${at % 7}":false,`, 0),
  'true for false': atMatch(/true|false|null/g, (found) => (found === 'true' ? 'false' : 'true')),
  'items changed about': (body) =>
    body.replace(/"messages":\[(\{.*?\}),(\{.*?\})\]/, (_, a: string, b: string) => `"messages":[${b},${a}]`),
  'upper case': atMatch(/[a-z]/g, (found) => found.toUpperCase()),
};

const word = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.constantFrom('Zoë', 'x', '1.0', '"', '\\'),
);
const json = fc.record(
  {
    model: fc.constantFrom('gpt-5', 'm'),
    messages: fc.array(
      fc.record({ role: fc.constantFrom('user', 'assistant', 'system'), content: fc.oneof(word, fc.jsonValue({ maxDepth: 2 })) }),
      {
        minLength: 1,
        maxLength: 4,
      },
    ),
    temperature: fc.constantFrom(0, 1, 0.5),
    tools: fc.array(fc.record({ name: word, parameters: fc.jsonValue({ maxDepth: 2 }) }), { maxLength: 2 }),
    seed: fc.integer({ min: 0, max: 99 }),
    metadata: fc.dictionary(word, word, { maxKeys: 2 }),
    user: word,
    system: fc.constantFrom<unknown>('Be kind', [
      { type: 'text', text: 'x-anthropic-billing-header: cch=1;' },
      { type: 'text', text: 'R' },
    ]),
  },
  { requiredKeys: ['model', 'messages'] },
);

/** The meaning of a body, and every byte of it, the ids that are left out apart: by other means than the key. */
function meaning(body: string, api: CallCodec['api']): string | undefined {
  let parsed: Record<string, unknown>;
  try {
    callOf(body, api);
    parsed = JSON.parse(body) as Record<string, unknown>;
  } catch (error) {
    if (error instanceof GatewayError || error instanceof SyntaxError) return undefined;
    throw error;
  }
  const isText = (key: string): boolean => typeof parsed[key] === 'string';
  if (api === 'openai.chat') for (const key of ['user', 'safety_identifier', 'prompt_cache_key']) if (isText(key)) delete parsed[key];
  const { metadata, system } = parsed as { readonly metadata?: Record<string, unknown>; readonly system?: unknown };
  if (api === 'anthropic.messages') {
    if (metadata && Object.keys(metadata).join() === 'user_id' && typeof metadata['user_id'] === 'string') delete parsed['metadata'];
    const first = Array.isArray(system) ? (system[0] as { readonly text?: string } | undefined) : undefined;
    if (first?.text && /^x-anthropic-billing-header:( ?[a-z_]+=[\w.-]*;)+ ?\n?$/.test(first.text))
      parsed['system'] = (system as unknown[]).slice(1);
  }
  return JSON.stringify(Object.entries(parsed).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** `MODICUM_KEY_PAIRS=100000` for the whole of it. */
const pairs = Number(process.env['MODICUM_KEY_PAIRS'] ?? 3000);

test(`near misses never share a key (${pairs} pairs)`, () => {
  let compared = 0;
  let wrong = 0;
  const tried = new Set<string>();
  const names = Object.keys(mutations);
  const property = fc.property(
    json,
    fc.nat(names.length + tenants.length - 1),
    fc.nat(),
    fc.constantFrom('a', '"', ' ', '0', '\\', '}', 'é', '\u0000', ','),
    fc.constantFrom<CallCodec['api']>('openai.chat', 'anthropic.messages', 'google.generate_content'),
    (value, index, at, letter, api) => {
      const body = JSON.stringify(value);
      const tenant = tenants[index - names.length];
      if (tenant) {
        const [name, over, more] = tenant;
        compared += 1;
        tried.add(name);
        wrong += keyOf(body, over, api, more) === keyOf(body, {}, api) ? 1 : 0;
        return;
      }
      const changed = mutations[names[index]!]!(body, at, letter);
      const [was, is] = [meaning(body, api), changed === undefined || changed === body ? undefined : meaning(changed, api)];
      if (was === undefined || is === undefined) return;
      if (was === is) return; // a change of spelling or order only: either key is right
      compared += 1;
      tried.add(names[index]!);
      wrong += keyOf(body, {}, api) === keyOf(changed!, {}, api) ? 1 : 0;
    },
  );
  const isShort = (): boolean => compared < pairs;
  for (let seed = 1; isShort(); seed += 1) fc.assert(property, { numRuns: Math.min(5000, pairs), seed });
  assert.equal(wrong, 0, `${wrong} wrong hits among ${compared} pairs`);
  assert.ok(tried.size >= tenants.length + 10, `kinds of near misses: ${[...tried].join(', ')}`);
});
