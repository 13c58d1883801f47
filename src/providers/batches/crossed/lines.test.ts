import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Valve } from '../../../core/flow.ts';
import { flowOf } from '../../translate/reply-parts.ts';
import { collectedFlow, flowOfPieces, linesIn } from './lines.ts';

const linesOf = (text: string, maxBytes?: number) => Array.fromAsync(linesIn(flowOf(Buffer.from(text)), maxBytes), String);

describe('lines of results', () => {
  test('come one by one, the last without an end too', async () => assert.deepEqual(await linesOf('a\nb\n\nc'), ['a', 'b', 'c']));
  test('may be as long as the limit', async () => assert.deepEqual(await linesOf('abc\n', 3), ['abc']));
  test('are an error beyond it', async () => assert.rejects(linesOf('abcd\n', 3), /more than 3 bytes/));
});

async function* pieces(made: string[], ended: () => void): AsyncGenerator<Buffer> {
  try {
    for (const piece of ['a', 'b', 'c']) {
      made.push(piece);
      yield Buffer.from(piece);
    }
  } finally {
    ended();
  }
}

describe('pieces that are made on the way', () => {
  test('come whole', async () => assert.equal(String(await collectedFlow(flowOfPieces(pieces([], () => {})))), 'abc'));

  test('wait for a slow reader, and stop with one who leaves', async () => {
    const made: string[] = [];
    let valve: Valve | undefined;
    const written = Promise.withResolvers<void>();
    const source = Promise.withResolvers<void>();
    const end = Promise.withResolvers<Error | undefined>();
    flowOfPieces(pieces(made, source.resolve)).to({
      open: (opened) => void (valve = opened),
      write() {
        valve!.pause();
        written.resolve();
      },
      end: (error) => end.resolve(error),
    });
    await written.promise;
    assert.deepEqual(made, ['a']);
    const gone = new Error('gone');
    valve!.abort(gone);
    assert.equal(await end.promise, gone);
    await source.promise;
    assert.deepEqual(made, ['a']);
  });

  test('that fail break the flow off', async () => {
    const failing = (async function* () {
      yield Buffer.from('a');
      throw new Error('broken');
    })();
    await assert.rejects(collectedFlow(flowOfPieces(failing)), /broken/);
  });
});
