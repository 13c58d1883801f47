import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { ApiId } from '../../core/api.ts';
import type { CallRecord, Labels } from '../../core/record.ts';
import { Reply } from '../../core/reply.ts';
import { testScope } from '../../core/testing.ts';
import { callOf } from '../loop/testing.ts';
import { faultOf, maxAnswerCharacters } from './answer.ts';
import { fits } from './fits.ts';
import { secondTryMs, signals, type SignalOptions } from './index.ts';
import { maxSchemaBytes } from './schema.ts';
import { maxResultBytes } from './tool-failure.ts';

interface Sent {
  readonly api?: ApiId;
  readonly body: object;
  readonly labels?: Labels;
  readonly answer?: string;
  readonly record?: Partial<CallRecord>;
  readonly told?: readonly string[];
}

/** The stage with a clock that is set by hand; a reply's bytes are its text. */
function stand(options: Partial<SignalOptions> = {}) {
  let ms = 0;
  const meterOf = () => {
    let text = '';
    return {
      write: (chunk: Buffer) => void (text += chunk.toString()),
      facts: () => assert.fail('only the text is asked for'),
      text: () => text,
    };
  };
  const stage = signals({ quality: true, now: () => ms, meterOf, ...options });
  return {
    wait: (passed: number) => void (ms += passed),
    send: async ({ api = 'openai.chat', body, labels = {}, answer = '', record = {}, told = [] }: Sent) => {
      const scope = testScope({ labels, annotations: told.length > 0 ? { signals: [...told] } : {} });
      const reply = await stage.wrap(async () => replyOf(answer))(callOf(api, body), scope);
      reply.bytes.to({ open() {}, write() {}, end() {} });
      for (const say of scope.atRecord) say({ outcome: 'ok', finishReason: 'stop', ...record } as CallRecord);
      return scope.annotations;
    },
  };
}

const valve = { pause() {}, resume() {}, abort() {} };
const replyOf = (text: string) =>
  new Reply(
    { kind: 'gateway', name: '', hosting: 'api', model: 'm' },
    { status: 200, headers: [] },
    {
      to: (sink) => {
        sink.open(valve);
        sink.write(Buffer.from(text));
        sink.end();
      },
    },
  );

const ask = (content: string, more: object = {}) => ({ messages: [{ role: 'user', content }], ...more });

suite('how an answer ended', () => {
  for (const [finishReason, told] of [
    ['stop', []],
    ['length', ['truncated']],
    ['refusal', ['refused']],
    ['content_filter', ['refused']],
  ] as const)
    test(`${finishReason}: ${told.join() || 'nothing to say'}`, async () => {
      assert.deepEqual((await stand().send({ body: ask('hi'), record: { finishReason } })).signals ?? [], told);
    });

  test('what a limit of ours cut is told by that limit', async () => {
    const { signals: told } = await stand().send({ body: ask('hi'), record: { finishReason: 'length' }, told: ['truncated:limit'] });
    assert.deepEqual(told, ['truncated:limit']);
  });
});

suite('an answer that was to be JSON', () => {
  const schema = { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] };
  const asked: readonly (readonly [ApiId, object])[] = [
    ['openai.chat', ask('hi', { response_format: { type: 'json_schema', json_schema: { name: 'a', schema } } })],
    ['openai.responses', { input: 'hi', text: { format: { type: 'json_schema', schema } } }],
    ['anthropic.messages', ask('hi', { output_format: { type: 'json_schema', schema } })],
    ['google.generate_content', { contents: [], generationConfig: { responseSchema: { ...schema, type: 'OBJECT' } } }],
  ];
  for (const [api, body] of asked)
    test(`is checked by ${api}`, async () => {
      const told = async (answer: string, record = {}) => (await stand().send({ api, body, answer, record })).signals;
      assert.equal(await told('{"n": 1}'), undefined);
      assert.deepEqual(await told('{"n": "one"}'), ['schema_mismatch']);
      assert.deepEqual(await told('{"n": 1'), ['invalid_json']);
      assert.equal(await told('{"n": 1', { outcome: 'aborted' }), undefined, 'the client left');
      assert.equal(await told('look_up{}', { finishReason: 'tool_calls' }), undefined, 'a call of a tool');
    });

  test('is not looked at when nobody asked for a schema, or when it is too large', async () => {
    assert.equal((await stand().send({ body: ask('hi'), answer: 'no JSON' })).signals, undefined);
    const large = { ...schema, description: 'x'.repeat(maxSchemaBytes) };
    const body = ask('hi', { response_format: { json_schema: { schema: large } } });
    assert.equal((await stand().send({ body, answer: 'no JSON' })).signals, undefined);
  });

  test('may have reasoning before it; a very long one is not read', () => {
    assert.equal(faultOf(schema, 'They want {a number}, so: {"n": 2}'), undefined);
    assert.equal(faultOf(schema, 'x'.repeat(maxAnswerCharacters + 1)), undefined);
    assert.equal(faultOf(schema, 'x'.repeat(maxAnswerCharacters)), 'invalid_json');
  });

  const node = {
    type: 'object',
    properties: { next: { anyOf: [{ $ref: '#/$defs/node' }, { type: 'null' }] } },
    additionalProperties: false,
  };
  const tree = { $ref: '#/$defs/node', $defs: { node } };
  for (const [name, rules, value, is] of [
    ['a type of several', { type: ['string', 'null'] }, null, true],
    ['a whole number', { type: 'integer' }, 1.5, false],
    ['one of a list', { enum: ['a', { b: 1 }] }, { b: 1 }, true],
    ['none of a list', { enum: ['a'] }, 'b', false],
    ['a constant', { const: 3 }, 4, false],
    ['a key too many', { properties: { a: {} }, additionalProperties: false }, { a: 1, b: 2 }, false],
    ['an inherited name is no key', { required: ['toString'] }, {}, false],
    ['items', { items: { type: 'boolean' } }, [true, 1], false],
    ['one of several', { oneOf: [{ type: 'string' }, { type: 'number' }] }, true, false],
    ['all of several', { allOf: [{ required: ['a'] }, { required: ['b'] }] }, { a: 1, b: 1 }, true],
    ['null where it may be', { type: 'STRING', nullable: true }, null, true],
    ['a schema that names itself', tree, { next: { next: null } }, true],
    ['the same, broken inside', tree, { next: { next: 1 } }, false],
    ['an endless reference', { $ref: '#' }, 1, true],
    ['a keyword nobody knows', { format: 'date', pattern: '^a' }, 'b', true],
  ] as const)
    test(`${is ? 'fits' : 'does not fit'}: ${name}`, () =>
      assert.equal(fits(rules as Parameters<typeof fits>[0], value as Parameters<typeof fits>[1]), is));
});

suite('what the client does next', () => {
  const labels = { user: 'u', session: 's' };

  test('the same prompt again is a second try, of a good answer or of a failed one', async () => {
    const { send } = stand();
    assert.equal((await send({ body: ask('a'), labels })).signals, undefined);
    assert.deepEqual((await send({ body: ask('a'), labels, record: { outcome: 'failed' } })).signals, ['regenerated']);
    assert.deepEqual((await send({ body: ask('a'), labels })).signals, ['retried_by_user']);
    assert.equal((await send({ body: ask('b'), labels })).signals, undefined);
  });

  test('not of another session, not of programs without a name, and not much later', async () => {
    const { send, wait } = stand();
    await send({ body: ask('a'), labels });
    await send({ body: ask('a') });
    assert.equal((await send({ body: ask('a') })).signals, undefined);
    assert.equal((await send({ body: ask('a'), labels: { ...labels, session: 't' } })).signals, undefined);
    wait(secondTryMs);
    assert.equal((await send({ body: ask('a'), labels })).signals, undefined);
  });

  const result = (content: string, failed: boolean) => ({ type: 'tool_result', tool_use_id: 'c', content, is_error: failed });
  const round = (...results: object[]) => [
    { role: 'assistant', content: [{ type: 'tool_use', id: 'c', name: 'run', input: {} }] },
    { role: 'user', content: results },
  ];
  test('a failed tool is told by the call that answers it, once', async () => {
    const told = async (messages: object[]) => (await stand().send({ api: 'anthropic.messages', body: { messages } })).signals;
    const first = { role: 'user', content: 'go' };
    assert.deepEqual(await told([first, ...round(result('ok', false), result('no such file', true))]), ['tool_failed']);
    assert.equal(await told([first, ...round(result('an error is explained', false))]), undefined);
    assert.equal(await told([first, ...round(result('no', true)), { role: 'assistant', content: 'Sorry.' }, first]), undefined);
    assert.equal(await told([first, ...round(result('x'.repeat(maxResultBytes), true))]), undefined, 'too long to be read');
    const backwards = { is_error: true, content: 'x'.repeat(5000), tool_use_id: 'c', type: 'tool_result' };
    assert.deepEqual(await told([first, { content: [backwards], role: 'user' }]), ['tool_failed'], 'keys in another order');
  });
});

suite('the language of a call', () => {
  const labels = { session: 's' };
  const options = () => {
    let looked = 0;
    const languageOf = () => (looked++, 'de');
    return { language: { languageOf, maxPerSecond: 2, maxRemembered: 1, now: () => 0 }, looked: () => looked };
  };

  test('is found out once a session, as long as the session is remembered', async () => {
    const { language, looked } = options();
    const { send } = stand({ language });
    for (const content of ['a', 'b', 'c']) assert.equal((await send({ body: ask(content), labels })).language, 'de');
    assert.equal(looked(), 1);
    await send({ body: ask('a'), labels: { session: 'another' } });
    await send({ body: ask('a'), labels });
    assert.equal(looked(), 2, 'forgotten, and no more looks in this second');
  });

  test('is not asked for more often than set', async () => {
    const { language, looked } = options();
    const { send } = stand({ language });
    const told = [];
    for (const content of ['a', 'b', 'c']) told.push((await send({ body: ask(content) })).language);
    assert.deepEqual([told, looked()], [['de', 'de', undefined], 2]);
  });

  test('nothing is done for a call when all is off', async () => {
    const next = async () => replyOf('');
    assert.equal(signals({ quality: false, meterOf: () => assert.fail(), now: () => 0 }).wrap(next), next);
  });
});
