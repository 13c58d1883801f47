import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { callOf, configWith, masking, passed, replyOf, scopeOf } from './sensitivity.fixture.ts';
import { SensitivityMemory } from '../stages/sensitivity/memory.ts';
import { sensitivityOf } from './sensitivity.ts';

const email = 'jane.doe@example.org';
/** A value whose JSON needs escapes. */
const key = `-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQ\n-----END PRIVATE KEY-----`;

/** The four chat APIs: the same words in every position that text has, and streams that answer in pieces. */
const apis = [
  {
    api: 'openai.chat',
    body: {
      model: 'm',
      stream: true,
      user: email,
      messages: [
        { role: 'system', content: `Write to ${email}.` },
        { role: 'user', content: [{ type: 'text', text: `I am ${email}` }] },
        {
          role: 'assistant',
          tool_calls: [{ id: 'c1', type: 'function', function: { name: 'send', arguments: JSON.stringify({ to: email, [email]: key }) } }],
        },
        { role: 'tool', tool_call_id: 'c1', content: JSON.stringify({ nested: JSON.stringify({ to: email }) }) },
      ],
      tools: [{ type: 'function', function: { name: 'send', description: `Mails ${email}` } }],
    },
    text: (pieces: readonly string[]) => [
      ...pieces.map((content) => `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content }, finish_reason: null }] })}\n\n`),
      `data: ${JSON.stringify({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] })}\n\n`,
      'data: [DONE]\n\n',
    ],
    json: (pieces: readonly string[]) => [
      ...pieces.map(
        (part) =>
          `data: ${JSON.stringify({ choices: [{ index: 0, delta: { tool_calls: [{ index: 0, function: { arguments: part } }] } }] })}\r\n\r\n`,
      ),
      `data: ${JSON.stringify({ choices: [{ index: 0, delta: {}, finish_reason: 'tool_calls' }] })}\r\n\r\n`,
    ],
    read: (event: Event) => event.choices?.[0]?.delta?.content ?? event.choices?.[0]?.delta?.tool_calls?.[0]?.function.arguments,
  },
  {
    api: 'openai.responses',
    body: {
      model: 'm',
      stream: true,
      instructions: `Write to ${email}.`,
      input: [
        { role: 'user', content: [{ type: 'input_text', text: email }] },
        { type: 'function_call', call_id: 'c1', name: 'send', arguments: JSON.stringify({ to: email, body: key }) },
        { type: 'function_call_output', call_id: 'c1', output: `sent to ${email}` },
      ],
    },
    text: (pieces: readonly string[]) => [
      ...pieces.map(
        (delta) =>
          `event: response.output_text.delta\ndata: ${JSON.stringify({ type: 'response.output_text.delta', output_index: 0, content_index: 0, delta })}\n\n`,
      ),
      `event: response.output_text.done\ndata: ${JSON.stringify({ type: 'response.output_text.done', output_index: 0, content_index: 0, text: pieces.join('') })}\n\n`,
    ],
    json: (pieces: readonly string[]) => [
      ...pieces.map((delta) => `data: ${JSON.stringify({ type: 'response.function_call_arguments.delta', output_index: 0, delta })}\n\n`),
      `data: ${JSON.stringify({ type: 'response.function_call_arguments.done', output_index: 0, arguments: pieces.join('') })}\n\n`,
    ],
    read: (event: Event) => event.delta as unknown as string | undefined,
  },
  {
    api: 'anthropic.messages',
    body: {
      model: 'm',
      stream: true,
      system: [{ type: 'text', text: `Write to ${email}.` }],
      messages: [
        { role: 'user', content: email },
        { role: 'assistant', content: [{ type: 'tool_use', id: 't1', name: 'send', input: { to: email, list: [email, key] } }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't1', content: [{ type: 'text', text: `sent to ${email}` }] }] },
      ],
    },
    text: (pieces: readonly string[]) => [
      ...pieces.map(
        (text) =>
          `event: content_block_delta\ndata: ${JSON.stringify({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } })}\n\n`,
      ),
      `event: content_block_stop\ndata: ${JSON.stringify({ type: 'content_block_stop', index: 0 })}\n\n`,
    ],
    json: (pieces: readonly string[]) => [
      ...pieces.map(
        (part) =>
          `event: content_block_delta\ndata: ${JSON.stringify({ type: 'content_block_delta', index: 0, delta: { type: 'input_json_delta', partial_json: part } })}\n\n`,
      ),
      `event: content_block_stop\ndata: ${JSON.stringify({ type: 'content_block_stop', index: 0 })}\n\n`,
    ],
    read: (event: Event) => event.delta?.text ?? event.delta?.partial_json,
  },
  {
    api: 'google.generate_content',
    body: {
      systemInstruction: { parts: [{ text: `Write to ${email}.` }] },
      contents: [
        { role: 'user', parts: [{ text: email }] },
        { role: 'model', parts: [{ functionCall: { name: 'send', args: { to: email, body: key } } }] },
        { role: 'user', parts: [{ functionResponse: { name: 'send', response: { to: email } } }] },
      ],
    },
    text: (pieces: readonly string[]) =>
      pieces.map(
        (text, at) =>
          `data: ${JSON.stringify({ candidates: [{ index: 0, content: { parts: [{ text }] }, ...(at === pieces.length - 1 && { finishReason: 'STOP' }) }] })}\r\n\r\n`,
      ),
    json: undefined,
    read: (event: Event) => event.candidates?.[0]?.content?.parts?.[0]?.text,
  },
] as const;

interface Event {
  readonly choices?: readonly {
    readonly delta?: { readonly content?: string; readonly tool_calls?: readonly { readonly function: { readonly arguments: string } }[] };
  }[];
  readonly delta?: { readonly text?: string; readonly partial_json?: string };
  readonly candidates?: readonly { readonly content?: { readonly parts?: readonly { readonly text?: string }[] } }[];
}

const eventsOf = (stream: string): Event[] => Array.from(stream.matchAll(/data: (\{[^\r\n]*)/g), ([, json]) => JSON.parse(json!) as Event);
const textOf = (stream: string, read: (event: Event) => string | undefined): string =>
  eventsOf(stream)
    .map((event) => read(event) ?? '')
    .join('');

const placeholdersIn = (sent: string): readonly string[] => [...new Set(sent.match(/MASKED_[A-Z_]+_[a-z2-9]{12}/g))];
const bytesOf = (events: readonly string[], cut: number): readonly Buffer[] => {
  const bytes = Buffer.from(events.join(''));
  return [bytes.subarray(0, cut), bytes.subarray(cut)].filter(({ length }) => length > 0);
};

for (const { api, body, text, json, read } of apis) {
  suite(`masked calls of ${api}`, () => {
    test('reach the provider with no value in any position, all other bytes kept', async () => {
      const call = callOf(api, body);
      const { sent, scope } = await passed(masking, call);
      for (const part of ['jane', 'example.org', 'PRIVATE KEY', 'MIIE']) assert.ok(!sent.includes(part), `${part} in ${sent}`);
      const [placeholder] = placeholdersIn(sent);
      const other = placeholdersIn(sent)[1]!;
      const unescaped = (value: string): string => JSON.stringify(value).slice(1, -1);
      const inString = unescaped(unescaped(key));
      const back = sent.replaceAll(placeholder!, email).replaceAll(other, api.startsWith('openai.') ? inString : unescaped(key));
      assert.equal(back, call.received.body.whole.toString());
      assert.equal(scope.annotations.sensitivity, 'personal');
    });

    test('come back restored, wherever chunks and pieces of text are cut', async () => {
      const { sent } = await passed(masking, callOf(api, body));
      const placeholder = placeholdersIn(sent)[0]!;
      const said = `Ünd M MASK MASKED_ ${placeholder}, ${placeholder}!`;
      for (let at = 0; at <= said.length; at += 1) {
        const events = text([said.slice(0, at), said.slice(at)]);
        const { received } = await passed(masking, callOf(api, body), { answer: () => replyOf(bytesOf(events, at * 3)) });
        assert.equal(textOf(received, read), said.replaceAll(placeholder, email), `cut at ${at}`);
      }
    });

    test('come back restored for every byte at which the connection cuts, and byte by byte', async () => {
      const { sent } = await passed(masking, callOf(api, body));
      const placeholder = placeholdersIn(sent)[0]!;
      const events = text([`to ${placeholder.slice(0, 9)}`, `${placeholder.slice(9)} and MASKE`]);
      const whole = Buffer.from(events.join(''));
      const expected = `to ${email} and MASKE`;
      for (let cut = 0; cut <= whole.length; cut += 1) {
        const { received } = await passed(masking, callOf(api, body), { answer: () => replyOf(bytesOf(events, cut)) });
        assert.equal(textOf(received, read), expected, `cut at ${cut}`);
      }
      const { received } = await passed(masking, callOf(api, body), { answer: () => replyOf([...whole].map((byte) => Buffer.of(byte))) });
      assert.equal(textOf(received, read), expected);
    });

    test('any division of a text into pieces gives the same text', async () => {
      const { sent } = await passed(masking, callOf(api, body));
      const said = `a${placeholdersIn(sent)[0]!}MASKED_EMAIL_${placeholdersIn(sent)[1]!}.`;
      const { received: once } = await passed(masking, callOf(api, body), { answer: () => replyOf(bytesOf(text([said]), 0)) });
      await fc.assert(
        fc.asyncProperty(fc.array(fc.integer({ min: 0, max: said.length }), { maxLength: 8 }), async (cuts) => {
          const places = [0, ...cuts.toSorted((a, b) => a - b), said.length];
          const pieces = places.slice(1).map((to, at) => said.slice(places[at], to));
          const { received } = await passed(masking, callOf(api, body), { answer: () => replyOf(bytesOf(text(pieces), 0)) });
          assert.equal(textOf(received, read), textOf(once, read));
        }),
        { numRuns: 50 },
      );
    });

    if (json)
      test('arguments of tool calls stay JSON when a value needs escapes', async () => {
        const { sent } = await passed(masking, callOf(api, body));
        const [first, second] = placeholdersIn(sent);
        const said = JSON.stringify({ to: first, key: second });
        for (let at = 0; at <= said.length; at += 1) {
          const events = json([said.slice(0, at), said.slice(at)]);
          const { received } = await passed(masking, callOf(api, body), { answer: () => replyOf(bytesOf(events, 0)) });
          assert.deepEqual(JSON.parse(textOf(received, read)), { to: email, key }, `cut at ${at}`);
        }
      });
  });
}

test('events that repeat a whole text are restored too, and arguments in them', async () => {
  const { body } = apis[1];
  const { sent } = await passed(masking, callOf('openai.responses', body));
  const [first, second] = placeholdersIn(sent);
  const item = { type: 'function_call', arguments: JSON.stringify({ to: first, key: second }) };
  const done = `data: ${JSON.stringify({ type: 'response.output_item.done', output_index: 0, item })}\n\n`;
  const { received } = await passed(masking, callOf('openai.responses', body), { answer: () => replyOf([Buffer.from(done)]) });
  const [event] = eventsOf(received) as unknown as [{ item: { arguments: string } }];
  assert.deepEqual(JSON.parse(event.item.arguments), { to: email, key });
});

test('a reply that is no stream is restored, its length announced no more', async () => {
  const { body } = apis[0];
  const { received, sentScope } = await passed(masking, callOf('openai.chat', { ...body, stream: false }, false), {
    scope: scopeOf({ headers: ['Accept-Encoding', 'gzip', 'x-own', 'y'] }),
    answer: (sent) => {
      const [first, second] = placeholdersIn(sent);
      const message = { content: `for ${first}`, tool_calls: [{ function: { arguments: JSON.stringify({ [first!]: second }) } }] };
      const bytes = Buffer.from(JSON.stringify({ choices: [{ message }], usage: { total_tokens: 3 } }));
      return replyOf([bytes.subarray(0, 40), bytes.subarray(40)], 'application/json', ['Content-Length', String(bytes.length)]);
    },
  });
  const message = { content: `for ${email}`, tool_calls: [{ function: { arguments: JSON.stringify({ [email]: key }) } }] };
  assert.equal(received, JSON.stringify({ choices: [{ message }], usage: { total_tokens: 3 } }));
  assert.deepEqual(sentScope.headers, ['x-own', 'y', 'accept-encoding', 'identity'], 'the provider is asked not to compress');
});

test('structured output stays JSON though it streams as text', async () => {
  const { body, text, read } = apis[0];
  const { sent } = await passed(masking, callOf('openai.chat', body));
  const said = JSON.stringify({ key: placeholdersIn(sent)[1] });
  const { received } = await passed(masking, callOf('openai.chat', body), {
    answer: () => replyOf(bytesOf(text(['{', said.slice(1, 20), said.slice(20)]), 0)),
  });
  assert.deepEqual(JSON.parse(textOf(received, read)), { key });
});

test('the list in which Google streams without alt=sse is restored, wherever it is cut', async () => {
  const { body } = apis[3];
  const { sent } = await passed(masking, callOf('google.generate_content', body));
  const placeholder = placeholdersIn(sent)[0]!;
  const element = (text: string, end = {}): string => JSON.stringify({ candidates: [{ content: { parts: [{ text }] }, ...end }] });
  const whole = Buffer.from(
    `[${element(placeholder.slice(0, 5))}\r\n,\r\n${element(`${placeholder.slice(5)} {"}`, { finishReason: 'STOP' })}\r\n]`,
  );
  for (let cut = 0; cut <= whole.length; cut += 1) {
    const { received } = await passed(masking, callOf('google.generate_content', body), {
      answer: () => replyOf([whole.subarray(0, cut), whole.subarray(cut)], 'application/json'),
    });
    assert.equal(received, `[${element('')}\r\n,\r\n${element(`${email} {"}`, { finishReason: 'STOP' })}\r\n]`, `cut at ${cut}`);
  }
});

suite('placeholders', () => {
  const said = (content: string) => callOf('openai.chat', { model: 'm', messages: [{ role: 'user', content }] });
  const sentFor = async (content: string, labels = {}, config = masking): Promise<string> =>
    (await passed(config, said(content), { scope: scopeOf({ labels }) })).sent;

  test('are the same for the same value in every turn, so that a prompt keeps its beginning', async () => {
    const first = await sentFor(`mail ${email}`);
    const second = await sentFor(`mail ${email}, and ${email} again, and x@example.org`);
    const kept = first.slice(0, first.indexOf('"}]}'));
    assert.ok(second.startsWith(kept));
    assert.equal(placeholdersIn(second).length, 2);
  });

  test('differ between sessions, apps and keys of the gateway', async () => {
    const other = configWith({ ...masking.sensitivity, maskKey: 'another key for tests' } as never);
    const all = await Promise.all([
      sentFor(email),
      sentFor(email, { session: 's' }),
      sentFor(email, { app: 'a' }),
      sentFor(email, {}, other),
    ]);
    assert.equal(new Set(all).size, 4);
  });

  test('that nobody made for this call stay as they are', async () => {
    const strange = 'MASKED_EMAIL_aaaaaaaaaaaa';
    const answer = () => replyOf([Buffer.from(`data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: strange } }] })}\n\n`)]);
    const { received } = await passed(masking, said(email), { answer });
    assert.ok(received.includes(strange));
  });
});

test('a call in which nothing is found goes on as it came, and its reply too', async () => {
  const call = callOf('openai.chat', { model: 'm', messages: [{ role: 'user', content: 'What is the capital of France?' }] });
  let same = false;
  const reply = replyOf([]);
  const got = await sensitivityOf(masking, new SensitivityMemory({ maxIds: 10 })).wrap(async (given, scope) => {
    same = given === call && scope.confined === undefined;
    return reply;
  })(call, scopeOf());
  assert.ok(same && got === reply);
});

test('a compressed reply is an error: its placeholders could not be put back', async () => {
  const call = callOf('openai.chat', { model: 'm', messages: [{ role: 'user', content: email }] });
  await assert.rejects(passed(masking, call, { answer: () => replyOf([], 'application/json', ['content-encoding', 'gzip']) }), {
    code: 'provider_error',
  });
});
