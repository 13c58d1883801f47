import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Flow } from '../../core/flow.ts';
import { eventFrame, exceptionFrame, frame } from '../../emulator/clouds/frames.ts';
import { converseEvents, invokeEvents, type EventForm } from './event-form.ts';
import { frameReader, maxFrameBytes, unframed } from './event-stream.ts';

interface Got {
  readonly text: string;
  readonly error: Error | undefined;
  readonly aborted: Error | undefined;
}

/** Lets bytes flow in these pieces. */
async function through(pieces: readonly Buffer[], form: EventForm, failure?: Error): Promise<Got> {
  const read = await frameReader();
  let text = '';
  let error: Error | undefined;
  let aborted: Error | undefined;
  let ends = 0;
  const source: Flow = {
    to(sink) {
      sink.open({ pause: () => {}, resume: () => {}, abort: (reason) => (aborted = reason) });
      for (const piece of pieces) sink.write(piece);
      sink.end(failure);
    },
  };
  unframed(source, read, form).to({
    open: () => {},
    write: (chunk) => (text += chunk.toString('utf8')),
    end: (reason) => {
      ends++;
      error = reason;
    },
  });
  assert.equal(ends, 1, 'the end is told once');
  return { text, error, aborted };
}

const invoked = (event: object): Buffer =>
  eventFrame('chunk', JSON.stringify({ bytes: Buffer.from(JSON.stringify(event)).toString('base64'), p: 'abc' }));
const events = [
  { type: 'message_start', message: { id: 'm', usage: { input_tokens: 3 } } },
  { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Grüße, 世界' } },
  { type: 'message_stop' },
];
const whole = Buffer.concat(events.map(invoked));
const expected = events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('');

describe('a stream in frames', () => {
  test('cut anywhere, it is the same events', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(whole.length), { maxLength: 12 }), async (cuts) => {
        const places = [0, ...cuts.toSorted((a, b) => a - b), whole.length];
        const pieces = places.slice(1).map((to, at) => whole.subarray(places[at], to));
        assert.deepEqual(await through(pieces, invokeEvents), { text: expected, error: undefined, aborted: undefined });
      }),
    );
  });

  test('byte by byte, it is the same events', async () => {
    const pieces = [...whole].map((byte) => Buffer.from([byte]));
    assert.equal((await through(pieces, invokeEvents)).text, expected);
  });

  test('an exception is the error event of the vendor, with its kind', async () => {
    const { text, error } = await through([exceptionFrame('throttlingException', 'Too many tokens')], invokeEvents);
    assert.equal(error, undefined);
    assert.match(text, /^event: error\ndata: \{"type":"error","error":\{"type":"rate_limit_error","message":"Too many tokens"\}/);
  });

  test('an error without a name of its own is told too', async () => {
    const bare = frame({ ':message-type': 'error', ':error-code': 'InternalFailure', ':error-message': 'gone' }, '');
    assert.match((await through([bare], invokeEvents)).text, /"api_error","message":"gone"/);
  });

  test("Converse's events stand under their names, on one line", async () => {
    const frames = [eventFrame('messageStart', '{"role":\n"assistant"}'), exceptionFrame('validationException', 'no')];
    assert.equal(
      (await through(frames, converseEvents)).text,
      'data: {"messageStart":{"role": "assistant"}}\n\nevent: error\ndata: {"message":"no","__type":"validationException"}\n\n',
    );
  });

  test('what is of another kind is passed over', async () => {
    assert.equal((await through([frame({ ':message-type': 'later' }, '{}')], invokeEvents)).text, '');
  });
});

describe('what is no frame breaks the stream off, on both sides', () => {
  const damaged = Buffer.from(whole);
  damaged[40]! ^= 1;
  const length = (bytes: number): Buffer => {
    const prelude = Buffer.alloc(4);
    prelude.writeUInt32BE(bytes, 0);
    return prelude;
  };
  const bad: readonly (readonly [string, Buffer])[] = [
    ['a damaged frame', damaged],
    ['a frame shorter than its own lengths', length(15)],
    ['a frame longer than the limit', length(maxFrameBytes + 1)],
    ['an event that is no JSON', eventFrame('chunk', 'nonsense')],
  ];
  for (const [name, bytes] of bad)
    test(name, async () => {
      const { error, aborted } = await through([bytes, whole], invokeEvents);
      assert.match(String(error), /provider sent a frame that cannot be read/);
      assert.equal(aborted, error);
    });

  test('a frame of the limit is waited for', async () => {
    assert.match(String((await through([length(maxFrameBytes)], invokeEvents)).error), /in the middle of a frame/);
  });

  test('an end in the middle of a frame is an error, behind what was whole', async () => {
    const { text, error } = await through([whole.subarray(0, -1)], invokeEvents);
    assert.equal(text, expected.slice(0, expected.indexOf('event: message_stop')));
    assert.match(String(error), /in the middle of a frame/);
  });

  test('the error of the connection goes on', async () => {
    const failure = new Error('reset');
    assert.equal((await through([whole], invokeEvents, failure)).error, failure);
  });
});
