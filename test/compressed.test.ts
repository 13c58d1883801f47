import assert from 'node:assert/strict';
import { before, suite, test } from 'node:test';
import zlib from 'node:zlib';
import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import OpenAI from 'openai';
import { ways } from './calls.ts';
import { send } from './client.ts';
import { assertBilled, sharedStand, startStand, type Stand } from './harness.ts';
import { emulated, metered } from './metered.ts';

suite('a provider that compresses its replies, as real ones do', () => {
  const shared = sharedStand({ emulator: { compress: true } });
  let stand: Stand;
  before(() => {
    stand = shared();
  });

  for (const stream of [false, true]) {
    test(`openai SDK, ${stream ? 'streamed' : 'whole'}`, async () => {
      const model = 'gpt-5-mini';
      const openai = new OpenAI({ apiKey: 'sk', baseURL: `${stand.url}/v1` });
      const body = { model, messages: [{ role: 'user' as const, content: 'Hello' }] };
      const { answer } = await metered(stand, { api: 'openai.chat', model, stream, client: /OpenAI/ }, () =>
        stream ? openai.chat.completions.stream(body).finalChatCompletion() : openai.chat.completions.create(body),
      );
      assert.match(answer.choices[0]!.message.content!, emulated);
    });

    test(`Anthropic SDK, ${stream ? 'streamed' : 'whole'}`, async () => {
      const model = 'claude-opus-5-5';
      const anthropic = new Anthropic({ apiKey: 'sk', baseURL: stand.url });
      const body = { model, max_tokens: 500, messages: [{ role: 'user' as const, content: 'Hello' }] };
      const { answer } = await metered(stand, { api: 'anthropic.messages', model, stream, client: /Anthropic/ }, () =>
        stream ? anthropic.messages.stream(body).finalMessage() : anthropic.messages.create(body),
      );
      assert.equal(answer.content[0]!.type, 'text');
    });

    test(`Google SDK, ${stream ? 'streamed' : 'whole'}`, async () => {
      const model = 'gemini-2.5-flash';
      const google = new GoogleGenAI({ apiKey: 'key', httpOptions: { baseUrl: stand.url } });
      const { answer } = await metered(stand, { api: 'google.generate_content', model, stream, client: /google/ }, async () =>
        stream
          ? (await Array.fromAsync(await google.models.generateContentStream({ model, contents: 'Hello' })))
              .map(({ text }) => text)
              .join('')
          : (await google.models.generateContent({ model, contents: 'Hello' })).text!,
      );
      assert.match(answer, emulated);
    });
  }
});

const unpack = { gzip: zlib.gunzipSync, br: zlib.brotliDecompressSync, zstd: zlib.zstdDecompressSync } as const;
test('each encoding a client asks for reaches it as the provider sent it, and is metered', async (t) => {
  const stand = await startStand(t, { emulator: { compress: true } });
  let calls = 0;
  for (const [encoding, unpacked] of Object.entries(unpack))
    for (const stream of [false, true])
      for (const way of ways) {
        const headers = { 'accept-encoding': encoding, 'anthropic-version': '2023-06-01' };
        const back = await send(`${stand.url}${way.path(stream)}`, { headers, chunks: [Buffer.from(JSON.stringify(way.body(stream)))] });
        assert.equal(back.headers['content-encoding'], encoding);
        assert.match(unpacked(back.body).toString(), /\[emulator\]/);
        const records = await stand.records((calls += 1));
        assertBilled(records.at(-1)!, stand.emulator.bill().calls.at(-1)!);
      }
});
