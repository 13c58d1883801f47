import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { GatewayError } from '../../../core/errors.ts';
import type { ReplyStore, SessionStore } from '../../../core/stores.ts';
import { batchTtlMs, createJobs, fileTtlMs, pieceBytes, type Job } from './jobs.ts';

/** Stores in two maps, which say how long each value shall be kept. */
function stores() {
  const sessions = new Map<string, string>();
  const replies = new Map<string, Uint8Array>();
  const ttls = new Map<string, number>();
  const over = <T>(map: Map<string, T>) => ({
    get: async (key: string) => map.get(key),
    put: async (key: string, value: T, ttlMs: number) => void (map.set(key, value), ttls.set(key, ttlMs)),
    delete: async (key: string) => void map.delete(key),
  });
  return {
    sessions: over(sessions) satisfies SessionStore,
    replies: over(replies) satisfies ReplyStore,
    kept: { sessions, replies, ttls },
  };
}

const file = (owner = '') => ({ owner, name: 'in.jsonl', createdAt: 1 });
const job: Job = {
  id: 'batch_mdc_1',
  owner: 'key_1',
  provider: 'p',
  api: 'anthropic.messages',
  idThere: 'there',
  createdAt: 1,
  total: 1,
  dropped: [],
  shown: {},
};
const isNotFound = (error: unknown): boolean => error instanceof GatewayError && error.code === 'not_found';

describe('files of batches that cross', () => {
  test('are kept in pieces, for a day, and given out whole', async () => {
    const { kept, ...open } = stores();
    const jobs = createJobs({ ...open, maxFileBytes: 3 * pieceBytes });
    const content = Buffer.alloc(2 * pieceBytes + 1, 'x');
    const made = await jobs.putFile(file(), content);
    assert.equal(kept.replies.size, 3);
    assert.ok([...kept.ttls.values()].every((ttlMs) => ttlMs === fileTtlMs));
    assert.ok((await jobs.contentOf(await jobs.getFile(made.id, ''))).equals(content));
    await jobs.deleteFile(made);
    assert.deepEqual([kept.replies.size, kept.sessions.size], [0, 0]);
  });

  test('may have so many bytes, and not one more', async () => {
    const { kept: _, ...open } = stores();
    const jobs = createJobs({ ...open, maxFileBytes: 10 });
    assert.equal((await jobs.putFile(file(), Buffer.alloc(10))).bytes, 10);
    await assert.rejects(jobs.putFile(file(), Buffer.alloc(11)), /may have 10 bytes here .*not 11|may have 10 bytes .*, not 11/);
  });

  test('are not found by another key, nor when a piece had to make room', async () => {
    const { kept, ...open } = stores();
    const jobs = createJobs({ ...open, maxFileBytes: 10 });
    const made = await jobs.putFile(file('key_1'), Buffer.alloc(10));
    await assert.rejects(jobs.getFile(made.id, 'key_2'), isNotFound);
    await assert.rejects(jobs.getFile(made.id, ''), isNotFound);
    kept.replies.clear();
    await assert.rejects(
      jobs.contentOf(await jobs.getFile(made.id, 'key_1')),
      (error: Error) => isNotFound(error) && /upload it again/.test(error.message),
    );
  });
});

test('batches that cross are kept for as long as vendors keep results, each for its own key', async () => {
  const { kept, ...open } = stores();
  const jobs = createJobs({ ...open, maxFileBytes: 10 });
  await jobs.put(job);
  assert.deepEqual([...kept.ttls.values()], [batchTtlMs]);
  assert.deepEqual(await jobs.get(job.id, 'key_1'), job);
  await assert.rejects(jobs.get(job.id, 'key_2'), isNotFound);
  await jobs.delete(job.id);
  await assert.rejects(jobs.get(job.id, 'key_1'), isNotFound);
});
