import assert from 'node:assert/strict';
import { closeSync, fdatasyncSync, ftruncateSync, openSync, readFileSync, unlinkSync, writevSync } from 'node:fs';
import { test } from 'node:test';
import { scan, unpack } from './frame.ts';
import { temporaryDir } from './fixtures.ts';
import { Journal, type JournalFiles, type JournalOptions } from './journal.ts';
import { segmentPath, segmentsOf } from './segments.ts';

const options = (dir: string, more: Partial<JournalOptions> = {}): JournalOptions => ({
  dir,
  segmentBytes: 1 << 20,
  sync: 'commit',
  syncIntervalMs: 1000,
  nextSequence: 1,
  ...more,
});
const line = (text: string): Buffer => Buffer.from(`${JSON.stringify(text)}\n`);

/** Every frame of a journal: segment, first sequence, lines. */
const framesOf = (dir: string) =>
  segmentsOf(dir).flatMap((segment) =>
    scan(readFileSync(segmentPath(dir, segment)), 'closed').frames.map(({ frame }) => [segment, frame.firstSequence, ...unpack(frame)]),
  );

/** The real file system, but for what a test replaces. */
const files = (changes: Partial<JournalFiles>): JournalFiles => ({
  open: (path) => openSync(path, 'ax'),
  write: writevSync,
  sync: fdatasyncSync,
  truncate: ftruncateSync,
  close: closeSync,
  remove: unlinkSync,
  ...changes,
});

test('frames follow each other, with sequences that count records', (context) => {
  const dir = temporaryDir(context);
  const journal = new Journal(options(dir, { nextSequence: 5 }));
  journal.commit(Buffer.concat([line('a'), line('b')]), 2);
  journal.commit(line('c'), 1);
  journal.close();
  assert.deepEqual(framesOf(dir), [[1, 5, '"a"', '"b"'], [1, 7, '"c"']]); // prettier-ignore
  assert.equal(journal.nextSequence, 8);
});

test('a segment that has reached its size is followed by a new one', (context) => {
  const dir = temporaryDir(context);
  const journal = new Journal(options(dir, { segmentBytes: 40 }));
  for (const text of ['a', 'b', 'c']) journal.commit(line(text), 1); // 36 bytes a frame
  assert.deepEqual(framesOf(dir).map(([segment]) => segment), [1, 1, 2]); // prettier-ignore
  journal.close();
});

test('a journal opened again leaves the old segments as they are', (context) => {
  const dir = temporaryDir(context);
  new Journal(options(dir)).commit(line('a'), 1);
  const before = readFileSync(segmentPath(dir, 1));
  new Journal(options(dir, { nextSequence: 2 })).commit(line('b'), 1);
  assert.deepEqual(readFileSync(segmentPath(dir, 1)), before);
  assert.deepEqual(segmentsOf(dir), [1, 2]);
});

const syncCases = [['commit', 3], ['interval', 1], ['off', 0]] as const; // prettier-ignore
for (const [sync, expected] of syncCases)
  test(`sync ${sync}: three quick commits are synced ${expected} times`, (context) => {
    let syncs = 0;
    const counting = files({ sync: () => void syncs++ });
    const journal = new Journal(options(temporaryDir(context), { sync, syncIntervalMs: 3_600_000, files: counting }));
    journal.commit(line('a'), 1);
    const [first] = [syncs];
    journal.commit(line('b'), 1);
    journal.commit(line('c'), 1);
    assert.deepEqual([first, syncs], [Math.min(1, expected), expected]);
  });

const fullDisk = Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
const once = (action: () => void): (() => void) => {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    action();
  };
};
const fail = (error: Error) => (): never => {
  throw error;
};

const failures: readonly [string, () => Partial<JournalFiles>][] = [
  ['the disk is full', () => withFirstWrite(fail(fullDisk))],
  ['the disk takes half a frame', () => withFirstWrite((descriptor, parts) => writevSync(descriptor, [parts[0]!.subarray(0, 20)]))],
  ['the sync fails', () => ({ sync: once(fail(new Error('EIO'))) })],
];
function withFirstWrite(broken: (descriptor: number, parts: readonly Buffer[]) => number): Partial<JournalFiles> {
  let writes = 0;
  return { write: (descriptor, parts) => (++writes === 2 ? broken(descriptor, parts) : writevSync(descriptor, parts)) };
}
for (const [name, broken] of failures)
  test(`when ${name} the commit throws, and the same lines go in whole at the next try`, (context) => {
    const dir = temporaryDir(context);
    const healthy = new Journal(options(dir));
    healthy.commit(line('before'), 1);
    healthy.close();
    const journal = new Journal(options(dir, { nextSequence: 2, files: files(broken()) }));
    if (name !== 'the sync fails') journal.commit(line('first'), 1);
    const next = journal.nextSequence;
    assert.throws(() => journal.commit(line('again'), 1));
    assert.equal(journal.nextSequence, next);
    journal.commit(line('again'), 1);
    journal.close();
    const all = framesOf(dir).map(([, sequence, text]) => [sequence, text]);
    assert.deepEqual(all.filter(([, text]) => text === '"again"'), [[next, '"again"']]); // prettier-ignore
    for (const segment of segmentsOf(dir)) assert.deepEqual(scan(readFileSync(segmentPath(dir, segment)), 'closed').faults, []);
  });
