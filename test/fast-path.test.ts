import assert from 'node:assert/strict';
import http from 'node:http';
import { test, type TestContext } from 'node:test';
import { buffer } from 'node:stream/consumers';
import { setImmediate } from 'node:timers/promises';
import { startGateway } from './harness.ts';
import { answerChat, chatPath, startUpstream } from './upstream.ts';

const bodyBytes = 200 * 1024;

/** A conversation with quotes, escapes and tools, as large as said. */
function largeBody(stream: boolean): Buffer {
  const text = 'The scheduler keeps a queue of "jobs";\n\tif (late) { requeue(job, "late"); } Élan vital, 5€. ';
  const turn = (at: number) => ({ role: at % 2 === 0 ? 'user' : 'assistant', content: text.repeat(20) });
  const tools = [
    { type: 'function', function: { name: 'look_up', parameters: { type: 'object', properties: { query: { type: 'string' } } } } },
  ];
  const turns = Math.ceil(bodyBytes / JSON.stringify(turn(0)).length);
  return Buffer.from(JSON.stringify({ model: 'gpt-5-mini', messages: Array.from({ length: turns }, (_, at) => turn(at)), tools, stream }));
}

/** Lengths of all texts that pass through JSON.parse from now on, in this thread: gateway, upstream and client. */
function parsedLengths(t: TestContext): () => readonly number[] {
  const parse = t.mock.method(JSON, 'parse');
  return () => parse.mock.calls.map(({ arguments: [text] }) => text.length);
}

async function post(url: string, body: Buffer): Promise<Buffer> {
  const request = http.request(url, { method: 'POST', headers: { 'content-type': 'application/json', 'content-length': body.length } });
  request.end(body);
  const response = await new Promise<http.IncomingMessage>((resolve, reject) => request.once('response', resolve).once('error', reject));
  return buffer(response);
}

test('a request of 200 KB goes through without being parsed: only a few hundred bytes of its reply are', async (t) => {
  const upstream = await startUpstream(t, answerChat);
  const gateway = await startGateway(t, { providers: [{ name: 'openai', protocol: 'openai', baseUrl: `${upstream.url}/v1` }] });
  const body = largeBody(false);
  assert.ok(body.length >= bodyBytes);
  await post(`${gateway.url}${chatPath}`, body); // what is read once, at the first call, does not count
  await gateway.records(1);
  const lengths = parsedLengths(t);
  await post(`${gateway.url}${chatPath}`, body);
  for (let turn = 0; turn < 5; turn += 1) await setImmediate(); // the record is made after the reply went out
  const seen = lengths();
  assert.ok(seen.length > 0, 'the usage of the reply is parsed');
  assert.ok(seen.reduce((sum, length) => sum + length, 0) < 1000, `parsed: ${seen.join(', ')}`);
  const [first, second] = await gateway.records(2);
  assert.deepEqual(
    [first?.buckets, second?.buckets],
    [
      { input: 10, output: 5 },
      { input: 10, output: 5 },
    ],
  );
  assert.ok(upstream.arrived.every((arrived) => arrived.body.equals(body)));
});
