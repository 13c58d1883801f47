import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Sink } from './flow.ts';
import { Reply } from './reply.ts';

const servedBy = { kind: 'provider', name: 'p', hosting: 'api', model: 'm' } as const;
const chunks = [Buffer.from('a'), Buffer.from('b')];

/** A reply of two chunks, and what happened in order. */
function staged(error?: Error) {
  const log: string[] = [];
  const reply = new Reply(
    servedBy,
    { status: 200, headers: [] },
    {
      to(sink) {
        sink.open({ pause() {}, resume() {}, abort() {} });
        for (const chunk of chunks) sink.write(chunk);
        sink.end(error);
      },
    },
  );
  const sink: Sink = {
    open: () => log.push('open'),
    write: (chunk) => log.push(`client ${chunk.toString()}`),
    end: () => log.push('client end'),
  };
  const watcher = (name: string, breaks = false) => ({
    write(chunk: Buffer) {
      log.push(`${name} ${chunk.toString()}`);
      if (breaks) throw new Error('defect');
    },
    end: (ended?: Error) => void log.push(`${name} end ${ended?.message ?? 'whole'}`),
  });
  return { reply, log, sink, watcher };
}

test('the client has each chunk before the watchers, who hear of the end in the order in which they joined', () => {
  const { reply, log, sink, watcher } = staged();
  reply.watched(watcher('meter')).watched(watcher('account')).bytes.to(sink);
  assert.deepEqual(log, [
    'open', 'client a', 'meter a', 'account a', 'client b', 'meter b', 'account b', 'client end', 'meter end whole', 'account end whole',
  ]); // prettier-ignore
});

test('a watcher that breaks harms nobody, and still hears of the end', () => {
  const { reply, log, sink, watcher } = staged(new Error('cut'));
  reply.watched(watcher('broken', true)).watched(watcher('account')).bytes.to(sink);
  assert.deepEqual(log, [
    'open',
    'client a',
    'broken a',
    'account a',
    'client b',
    'account b',
    'client end',
    'broken end cut',
    'account end cut',
  ]);
});

test('a reply is read once', () => {
  const { reply, sink } = staged();
  reply.bytes.to(sink);
  assert.ok(reply.taken);
  assert.throws(() => reply.bytes.to(sink), /read once/);
});
