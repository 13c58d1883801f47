import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { callCodecs } from '../protocols/codecs.ts';
import { Body } from './body.ts';
import { Call } from './call.ts';

const codec = callCodecs['openai.chat'];
const bodyOf = (json: string) => new Body([Buffer.from(json)]);
const received = (json: string) => Call.received('c1', { codec, body: bodyOf(json) });
const sent = (call: Call) => call.encode().body.whole.toString();
// Spaces, 1.0, an integer beyond 2^53 and an unknown key: all lost by JSON.parse and JSON.stringify.
const odd = ` { "model" : "dear", "temperature":1.0, "seed":12345678901234567890,
  "messages": [{"role":"user","content":"a \\"quoted\\" \\\\ word"}], "stream":true, "new_knob":{"a":1} }\n`;

test('an untouched call goes on as the very same buffer', () => {
  const body = Buffer.from(odd);
  assert.equal(Call.received('c1', { codec, body: new Body([body]) }).encode().body.whole, body);
});

test('an untouched compressed call keeps its compressed bytes and their encoding', () => {
  const wire = { body: new Body([Buffer.from([1, 2, 3])]), encoding: 'gzip' };
  assert.equal(Call.received('c1', { codec, body: bodyOf(odd), wire }).encode(), wire);
});

test('a changed call no longer goes on compressed', () => {
  const wire = { body: new Body([Buffer.from([1, 2, 3])]), encoding: 'gzip' };
  const changed = Call.received('c1', { codec, body: bodyOf(odd), wire })
    .with({ model: 'cheap' })
    .encode();
  assert.deepEqual([changed.encoding, changed.body.whole.toString()], [undefined, odd.replace('"dear"', '"cheap"')]);
});

test('a new model name changes its own bytes and no others', () => {
  assert.equal(sent(received(odd).with({ model: 'cheap "one"' })), odd.replace('"dear"', '"cheap \\"one\\""'));
});

test('a field that was absent comes last', () => {
  assert.equal(
    sent(received('{"model":"m","stream":true}').with({ streamUsage: true })),
    '{"model":"m","stream":true,"stream_options":{"include_usage":true}}',
  );
  assert.equal(
    sent(received('{"model":"m","stream_options":{"x":1}}').with({ streamUsage: true })),
    '{"model":"m","stream_options":{"x":1,"include_usage":true}}',
  );
});

test('patching any body changes nothing but the patched key', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true }), fc.string({ minLength: 1 }), (extra, model) => {
      const body = { ...extra, model: 'before' };
      assert.deepEqual(JSON.parse(sent(received(JSON.stringify(body, null, 1)).with({ model }))), {
        ...JSON.parse(JSON.stringify(body)),
        model,
      });
    }),
  );
});

for (const [what, json] of [
  ['missing', '{}'],
  ['not a string', '{"model":1}'],
  ['empty', '{"model":""}'],
] as const) {
  test(`a model that is ${what} is refused by name`, () =>
    assert.throws(() => received(json).model, { code: 'invalid_request', param: 'model' }));
}

test('fields read: stream, and whether a stream will tell its usage', () => {
  const call = received('{"model":"m","stream" : true,"stream_options":{"include_usage":true}}');
  assert.deepEqual([call.stream, call.streamUsage, received('{"model":"m","stream":null}').stream], [true, true, false]);
});

test('a body in any chunks is read and patched as it is in one', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: odd.length }), { maxLength: 6 }), (cuts) => {
      const bytes = Buffer.from(odd);
      const edges = [0, ...cuts.filter((cut) => cut <= bytes.length).toSorted((a, b) => a - b), bytes.length];
      const body = new Body(edges.slice(1).map((end, index) => bytes.subarray(edges[index], end)));
      const call = Call.received('c1', { codec, body });
      assert.deepEqual([call.model, call.stream, call.value('new_knob')?.toString()], ['dear', true, '{"a":1}']);
      assert.equal(call.encode().body, body);
      assert.equal(sent(call.with({ model: 'cheap' })), odd.replace('"dear"', '"cheap"'));
    }),
  );
});

test('raw JSON set for a key stands where the old value stood, a key set to undefined is gone, and both read back', () => {
  const changed = received(odd).withJson({ messages: Buffer.from('[]'), seed: undefined, tools: Buffer.from('[1]') });
  assert.deepEqual([String(changed.json('messages')), changed.json('seed'), String(changed.json('tools'))], ['[]', undefined, '[1]']);
  assert.equal(String(changed.json('temperature')), '1.0');
  assert.equal(
    sent(changed),
    ` { "model" : "dear", "temperature":1.0,\n  "messages": [], "stream":true, "new_knob":{"a":1} ,"tools":[1]}\n`,
  );
  assert.equal(sent(changed.with({ model: 'cheap' })), sent(changed).replace('"dear"', '"cheap"'));
});

test('the body as it stands now is readable, whatever the wire was compressed with', () => {
  const wire = { body: new Body([Buffer.from([1, 2, 3])]), encoding: 'gzip' };
  const call = Call.received('c1', { codec, body: bodyOf('{"model":"m","a":1}'), wire });
  assert.equal(call.body.whole.toString(), '{"model":"m","a":1}');
  assert.equal(call.with({}).body.whole.toString(), '{"model":"m","a":1}');
  assert.equal(call.withJson({ a: Buffer.from('2') }).body.whole.toString(), '{"model":"m","a":2}');
});

test('a call that the gateway wrote is scanned only for keys that it may have', () => {
  const body = Buffer.from('{"model":"m","long":"text"}');
  const call = Call.written('c1', { codec, body: new Body([body]), given: { model: 'm' }, keysIn: Buffer.from('{"model":"m","long":0}') });
  assert.equal(call.model, 'm');
  assert.equal(call.value('service_tier'), undefined);
  assert.equal(call.encode().body.whole, body);
  assert.equal(call.value('long')?.toString(), '"text"');
  assert.equal(call.with({ model: 'n' }).encode().body.whole.toString(), '{"model":"n","long":"text"}');
});

test('bodies that were written are given up with the young, not kept until a collection of everything', () => {
  setFlagsFromString('--expose-gc');
  const collectYoung = runInNewContext("() => gc({ type: 'minor' })") as () => void;
  const bytes = 1 << 20;
  const write = (at: number): Call => {
    const body = Buffer.allocUnsafeSlow(bytes).fill('{"model":"m"}');
    return Call.written(`c${at}`, { codec, body: new Body([body]), given: { model: 'm' }, keysIn: body.subarray(0, 13) });
  };
  collectYoung();
  const before = process.memoryUsage().arrayBuffers;
  for (let at = 0; at < 30; at++) {
    assert.equal(write(at).model, 'm');
    collectYoung();
  }
  const grown = process.memoryUsage().arrayBuffers - before;
  assert.ok(grown < 10 * bytes, `${grown} bytes are kept of 30 bodies`);
});
