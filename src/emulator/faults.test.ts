import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'node:test';
import { countTokens } from '../text/tokenizer.ts';
import type { BillEntry } from './bill/bill.ts';
import { faultChooser, faults, namedFault, type FaultName } from './faults.ts';
import { eventsOf, withEmulator, type Running } from './testing.ts';

const chat = { model: 'gpt-5', messages: [{ role: 'user', content: 'hello' }] };
const streamed = { ...chat, stream: true, stream_options: { include_usage: true } };
const message = { model: 'claude-sonnet-5', max_tokens: 100, messages: chat.messages };
const contents = { contents: [{ role: 'user', parts: [{ text: 'hello' }] }] };

const with_ = (fault: FaultName): Record<string, string> => ({ 'x-emulator-fault': fault });

/** The text that arrives, and whether it came to its end. */
async function received(response: Response): Promise<{ readonly text: string; readonly whole: boolean }> {
  const decoder = new TextDecoder();
  let text = '';
  try {
    for await (const chunk of response.body!) text += decoder.decode(chunk, { stream: true });
    return { text, whole: true };
  } catch {
    return { text, whole: false };
  }
}

/** The bill's entry of the last call, when it is booked: a broken reply may arrive a little before. */
async function booked({ emulator }: Running): Promise<BillEntry | undefined> {
  for (let turn = 0; turn < 100 && emulator.bill().calls.length === 0; turn++) await sleep(5);
  return emulator.bill().calls.at(-1);
}

const text = (events: readonly Record<string, unknown>[]): string =>
  events.map((event) => (event['choices'] as readonly [{ delta?: { content?: string } }] | undefined)?.[0]?.delta?.content ?? '').join('');

const statuses: readonly (readonly [path: string, body: object, status: number, inside: object])[] = [
  ['/v1/chat/completions', chat, 429, { error: { type: 'rate_limit_error', code: 'rate_limit_exceeded' } }],
  ['/v1/responses', { model: 'gpt-5', input: 'x' }, 500, { error: { type: 'server_error' } }],
  ['/v1/messages', message, 529, { type: 'error', error: { type: 'overloaded_error' } }],
  ['/v1/messages', message, 429, { error: { type: 'rate_limit_error' } }],
  ['/v1beta/models/gemini-2.5-pro:generateContent', contents, 503, { error: { code: 503, status: 'UNAVAILABLE' } }],
  ['/v1/embeddings', { model: 'text-embedding-3-small', input: 'x' }, 401, { error: { code: 'invalid_api_key' } }],
];
for (const [path, body, status, inside] of statuses)
  test(`status ${status} on ${path} has the vendor's shape and is not billed`, () =>
    withEmulator({}, async ({ post, emulator }) => {
      const response = await post(path, body, with_(`status-${status}`));
      assert.equal(response.status, status);
      assert.equal(response.headers.get('retry-after'), [429, 503, 529].includes(status) ? '1' : null);
      assert.partialDeepStrictEqual(await response.json(), inside);
      assert.equal(emulator.bill().totals.calls, 0);
    }));

test('reset-before-headers: no reply, no bill', () =>
  withEmulator({}, async ({ post, emulator }) => {
    await assert.rejects(post('/v1/chat/completions', chat, with_('reset-before-headers')));
    assert.equal(emulator.bill().totals.calls, 0);
  }));

test('reset-mid-stream: the input is billed, and the output that was sent', () =>
  withEmulator({}, async (running) => {
    const { text: got, whole } = await received(await running.post('/v1/chat/completions', streamed, with_('reset-mid-stream')));
    const entry = await booked(running);
    const sent = text(eventsOf(got));
    assert.equal(whole, false);
    assert.ok(sent.length > 0 && !got.includes('[DONE]'));
    assert.partialDeepStrictEqual(entry, { complete: false, fault: 'reset-mid-stream', buckets: { input: 8, output: countTokens(sent) } });
  }));

test('reset-mid-stream on a whole reply: billed in full, for it was made in full', () =>
  withEmulator({}, async (running) => {
    const full = (await (await running.post('/v1/chat/completions', chat)).json()) as { usage: { completion_tokens: number } };
    running.emulator.reset();
    const { text: got, whole } = await received(await running.post('/v1/chat/completions', chat, with_('reset-mid-stream')));
    assert.deepEqual([whole, got.length > 0], [false, true]);
    assert.partialDeepStrictEqual(await booked(running), { complete: false, buckets: { output: full.usage.completion_tokens } });
  }));

test('truncated-body: less than the content-length says; a stream just ends', () =>
  withEmulator({}, async (running) => {
    assert.equal((await received(await running.post('/v1/messages', message, with_('truncated-body')))).whole, false);
    const cut = await received(await running.post('/v1/chat/completions', streamed, with_('truncated-body')));
    assert.equal(cut.whole, true);
    assert.ok(!cut.text.includes('[DONE]') && !cut.text.includes('"finish_reason":"stop"'));
    assert.deepEqual(
      running.emulator.bill().calls.map(({ complete }) => complete),
      [false, false],
    );
  }));

const errorEvents: readonly (readonly [path: string, body: object, event: RegExp])[] = [
  ['/v1/chat/completions', streamed, /data: \{"error":\{"message":"\[emulator\][^\n]*"type":"server_error"[^\n]*\n\n$/],
  ['/v1/responses', { model: 'gpt-5', input: 'x', stream: true }, /event: error\ndata: \{"type":"error","code":"server_error"[^\n]*\n\n$/],
  ['/v1/messages', { ...message, stream: true }, /event: error\ndata: \{"type":"error","error":\{"type":"overloaded_error"[^\n]*\n\n$/],
  ['/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse', contents, /data: \{"error":\{"code":503[^\n]*\n\n$/],
];
for (const [path, body, event] of errorEvents)
  test(`error-event on ${path}: the vendor's event, then the end; billed as far as sent`, () =>
    withEmulator({}, async (running) => {
      const { text: got, whole } = await received(await running.post(path, body, with_('error-event')));
      assert.equal(whole, true);
      assert.match(got, event);
      assert.partialDeepStrictEqual(await booked(running), { complete: false });
    }));

test('error-event on a whole reply is a status 500', () =>
  withEmulator({}, async ({ post }) => {
    assert.equal((await post('/v1/messages', message, with_('error-event'))).status, 500);
  }));

test('a Gemini stream that breaks is billed as its last usage said', () =>
  withEmulator({}, async (running) => {
    const body = await received(
      await running.post('/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse', contents, with_('reset-mid-stream')),
    );
    const usage = eventsOf(body.text).at(-1)!['usageMetadata'] as { candidatesTokenCount: number };
    assert.equal((await booked(running))!.buckets.output, usage.candidatesTokenCount);
  }));

test('malformed-chunk: one event is no JSON, the rest is good; billed in full', () =>
  withEmulator({}, async (running) => {
    const { text: got } = await received(await running.post('/v1/chat/completions', streamed, with_('malformed-chunk')));
    assert.ok(got.includes('data: {"broken": [1,\n\n') && got.endsWith('data: [DONE]\n\n'));
    assert.equal((await booked(running))!.complete, true);
  }));

for (const stream of [false, true])
  test(`garbage-body, ${stream ? 'streamed' : 'whole'}: nothing readable, billed in full`, () =>
    withEmulator({}, async (running) => {
      const { text: got } = await received(await running.post('/v1/messages', { ...message, stream }, with_('garbage-body')));
      assert.throws(() => JSON.parse(got) as unknown);
      const entry = await booked(running);
      assert.ok(entry!.buckets.output! > 0);
      assert.equal(entry!.complete, false);
    }));

const usages: readonly (readonly [path: string, body: object])[] = [
  ['/v1/chat/completions', chat],
  ['/v1/chat/completions', streamed],
  ['/v1/messages', message],
  ['/v1/messages', { ...message, stream: true }],
  ['/v1beta/models/gemini-2.5-pro:generateContent', contents],
  ['/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse', contents],
  ['/v1/embeddings', { model: 'text-embedding-3-small', input: 'x' }],
];
for (const [path, body] of usages)
  test(`missing-usage on ${path}${'stream' in body ? ' streamed' : ''}: a good reply, billed all the same`, () =>
    withEmulator({}, async (running) => {
      const { text: got } = await received(await running.post(path, body, with_('missing-usage')));
      assert.doesNotMatch(got, /"usage"|"usageMetadata"/);
      assert.equal((await booked(running))!.complete, true);
    }));

test('responses without usage say null', () =>
  withEmulator({}, async ({ post }) => {
    const reply = (await (await post('/v1/responses', { model: 'gpt-5', input: 'x' }, with_('missing-usage'))).json()) as {
      usage: unknown;
    };
    assert.equal(reply.usage, null);
  }));

for (const fault of ['stall-first-byte', 'stall-mid-stream'] as const)
  for (const body of [chat, streamed])
    test(`${fault}, ${body === chat ? 'whole' : 'streamed'}: late, but whole`, () =>
      withEmulator({ stallMs: 20 }, async (running) => {
        const { text: got, whole } = await received(await running.post('/v1/chat/completions', body, with_(fault)));
        assert.ok(whole && got.length > 100);
        assert.equal((await booked(running))!.complete, true);
      }));

test('a client that leaves a stalled stream is billed what it was sent; one that saw nothing, nothing', () =>
  withEmulator({ stallMs: 60_000 }, async (running) => {
    const before = new AbortController();
    const early = fetch(`${running.url}/v1/chat/completions`, {
      method: 'POST',
      body: JSON.stringify(streamed),
      headers: with_('stall-first-byte'),
      signal: before.signal,
    });
    await sleep(20);
    before.abort();
    await assert.rejects(early);
    const midway = new AbortController();
    const response = await fetch(`${running.url}/v1/chat/completions`, {
      method: 'POST',
      body: JSON.stringify(streamed),
      headers: with_('stall-mid-stream'),
      signal: midway.signal,
    });
    await response.body!.getReader().read();
    midway.abort();
    assert.partialDeepStrictEqual(await booked(running), { complete: false, buckets: { input: 8 } });
    assert.equal(running.emulator.bill().totals.calls, 1);
  }));

test('slow-drip: the same bytes, a few at a time', () =>
  withEmulator({}, async ({ post }) => {
    const clean = eventsOf(await (await post('/v1/chat/completions', streamed)).text());
    const slow = eventsOf(await (await post('/v1/chat/completions', streamed, with_('slow-drip'))).text());
    assert.equal(text(slow), text(clean));
  }));

test('an unknown fault is refused by name', () =>
  withEmulator({}, async ({ post }) => {
    const response = await post('/v1/chat/completions', chat, { 'x-emulator-fault': 'earthquake' });
    assert.equal(response.status, 400);
    assert.throws(() => namedFault('status-200'), { status: 400 });
    for (const name of Object.keys(faults)) assert.equal(namedFault(name), name);
  }));

test('a script of chances repeats with its seed and keeps to its chances', () => {
  const draw = (): readonly (FaultName | undefined)[] => {
    const choose = faultChooser({ seed: 5, probabilities: { 'status-429': 0.2, 'reset-mid-stream': 0.1 } });
    return Array.from({ length: 2000 }, (_, index) => choose({ index, model: 'm' }));
  };
  const drawn = draw();
  assert.deepEqual(drawn, draw());
  const share = (name: FaultName): number => drawn.filter((fault) => fault === name).length / drawn.length;
  assert.ok(Math.abs(share('status-429') - 0.2) < 0.04 && Math.abs(share('reset-mid-stream') - 0.1) < 0.03);
});

test('a script that cannot be is refused', () => {
  assert.throws(() => faultChooser({ probabilities: { 'status-500': 0.6, 'status-503': 0.6 } }), RangeError);
  assert.throws(() => faultChooser({ probabilities: { earthquake: 0.1 } as object }), RangeError);
});

test('a script may be a function of the call', () =>
  withEmulator({ faults: ({ index }) => (index === 1 ? 'status-500' : undefined) }, async ({ post }) => {
    const answered = [
      await post('/v1/chat/completions', chat),
      await post('/v1/chat/completions', chat),
      await post('/v1/chat/completions', chat),
    ];
    assert.deepEqual(
      answered.map(({ status }) => status),
      [200, 500, 200],
    );
  }));
