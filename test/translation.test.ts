import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { sharedStand } from './harness.ts';
import { standFor } from './matrix/run.ts';
import { upstreams } from './matrix/upstreams.ts';

const ollama = upstreams.find(({ name }) => name === 'Ollama-style')!;
const model = `ollama/${ollama.model}`;
const secret = 'sk-ant-of-the-client';

suite('a call that crosses from one API to another', () => {
  const shared = sharedStand(standFor(ollama));

  /** Asks as an Anthropic client would, and gives the reply with the record of the call. */
  async function ask(body: object) {
    const stand = shared();
    const known = (await stand.records(0)).length;
    const seenBefore = stand.seen.length;
    const reply = await fetch(`${stand.url}/v1/messages`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-api-key': secret,
        'anthropic-version': '2023-06-01',
        'anthropic-beta': 'x',
        'x-own': 'y',
      },
      body: JSON.stringify({ model, max_tokens: 100, messages: [{ role: 'user', content: 'Hello' }], ...body }),
    });
    const text = await reply.text();
    const record = (await stand.records(known + 1)).at(-1)!;
    return { reply, text, record, seen: stand.seen.slice(seenBefore) };
  }

  test('names what was dropped in a header and in the record, and the API it was made in', async () => {
    for (const stream of [false, true]) {
      const { reply, record } = await ask({ stream, top_k: 5, container: 'c' });
      assert.equal(reply.status, 200);
      assert.equal(reply.headers.get('x-modicum-dropped'), 'top_k, field:container');
      const [attempt] = record.attempts;
      assert.deepEqual(
        [record.api, attempt?.upstreamApi, attempt?.dropped],
        ['anthropic.messages', 'openai.chat', ['top_k', 'field:container']],
      );
    }
  });

  test('says nothing of drops where there are none, and nothing of another API where none was asked', async () => {
    const { reply, record } = await ask({});
    assert.equal(reply.headers.get('x-modicum-dropped'), null);
    assert.deepEqual(record.attempts[0]?.dropped, []);
    const stand = shared();
    const known = (await stand.records(0)).length;
    await (
      await fetch(`${stand.url}/v1/chat/completions`, {
        method: 'POST',
        body: JSON.stringify({ model, messages: [{ role: 'user', content: 'Hi' }] }),
      })
    ).text();
    const same = (await stand.records(known + 1)).at(-1)!;
    assert.deepEqual(['upstreamApi' in same.attempts[0]!, 'dropped' in same.attempts[0]!], [false, false]);
  });

  test("shows the client's credential and its vendor's headers to no other vendor", async () => {
    const { seen } = await ask({});
    const [{ url, rawHeaders, headers } = assert.fail('nothing reached the provider')] = seen;
    assert.equal(url, '/v1/chat/completions');
    assert.ok(!rawHeaders.some((value) => value.includes(secret)), 'no credential');
    assert.deepEqual([headers['anthropic-version'], headers['anthropic-beta'], headers['x-own']], [undefined, undefined, 'y']);
  });

  test('is refused, unsent and recorded, where the answer would not be what was asked for', async () => {
    const { reply, text, record, seen } = await ask({ tools: [{ type: 'web_search_20250305', name: 'web_search' }] });
    assert.deepEqual(
      [reply.status, seen.length, record.outcome, record.errorCode, record.cost.total],
      [400, 0, 'refused', 'invalid_request', 0],
    );
    assert.match(
      text,
      /^\{"type":"error","error":\{"type":"invalid_request_error","message":"the model's provider cannot be given a tool the provider runs/,
    );
  });

  test('is not translated where it is no chat', async () => {
    const stand = shared();
    const body = JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello' }] });
    const reply = await fetch(`${stand.url}/v1/messages/count_tokens`, { method: 'POST', body });
    assert.equal(reply.status, 404);
    assert.match(await reply.text(), /speaks the openai API/);
  });
});
