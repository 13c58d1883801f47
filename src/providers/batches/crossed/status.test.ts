import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Json, JsonObject } from '../../../core/json.ts';
import { Reply } from '../../../core/reply.ts';
import { openaiDialect } from '../../../protocols/dialect.ts';
import { flowOf } from '../../translate/reply-parts.ts';
import { atAnthropic } from './at-anthropic.ts';
import { atOpenai } from './at-openai.ts';
import type { Asking, BatchStatus, ProviderSide } from './batch.ts';
import { messageBatch, messageLine } from './for-anthropic.ts';
import { batchObject, resultFile, resultFileId } from './for-openai.ts';
import type { Job } from './jobs.ts';
import { resultLines, type Reading } from './results.ts';

const asking = (answer: Json): Asking => ({ json: async () => answer, reply: () => Promise.reject(new Error('not asked')) });
const statusOf = (side: ProviderSide, answer: Json): Promise<BatchStatus> => side.status('x', asking(answer));
const job: Job = {
  id: 'batch_mdc_00ff',
  owner: '',
  provider: 'p',
  api: 'anthropic.messages',
  idThere: 'x',
  createdAt: 1_764_000_000_000,
  total: 4,
  dropped: [],
  shown: { endpoint: '/v1/chat/completions' },
};

const openai = (status: string, completed = 0, failed = 0, more: JsonObject = {}): Json => ({
  status,
  request_counts: { total: 4, completed, failed },
  ...more,
});
const anthropic = (processing_status: string, counts: Readonly<Record<string, number>> = {}): Json => ({
  processing_status,
  request_counts: counts,
});

describe('how far a batch is, across APIs', () => {
  const toAnthropic: readonly (readonly [string, Json, string, object])[] = [
    ['validating', openai('validating'), 'in_progress', { processing: 4 }],
    ['finalizing', openai('finalizing', 4), 'in_progress', { processing: 4 }],
    ['cancelling', openai('cancelling', 1), 'canceling', { processing: 4 }],
    ['completed', openai('completed', 3, 1), 'ended', { succeeded: 3, errored: 1 }],
    ['cancelled', openai('cancelled', 1, 1), 'ended', { succeeded: 1, errored: 1, canceled: 2 }],
    ['expired', openai('expired', 1), 'ended', { succeeded: 1, expired: 3 }],
    ['failed', openai('failed', 0, 0, { errors: { data: [{ message: 'no such model' }] } }), 'ended', { errored: 4 }],
  ];
  for (const [name, answer, word, counts] of toAnthropic)
    test(`OpenAI’s ${name} is Anthropic’s ${word}`, async () => {
      const shown = messageBatch(job, await statusOf(atOpenai, answer), 'http://here');
      assert.equal(shown['processing_status'], word);
      assert.deepEqual(shown['request_counts'], { processing: 0, succeeded: 0, errored: 0, canceled: 0, expired: 0, ...counts });
      assert.equal(shown['results_url'], word === 'ended' ? 'http://here/v1/messages/batches/batch_mdc_00ff/results' : null);
    });

  const toOpenai: readonly (readonly [string, Json, string, object, readonly string[]])[] = [
    ['in_progress', anthropic('in_progress', { processing: 4 }), 'in_progress', { completed: 0, failed: 0 }, []],
    ['canceling', anthropic('canceling'), 'cancelling', { completed: 0, failed: 0 }, []],
    ['ended', anthropic('ended', { succeeded: 4 }), 'completed', { completed: 4, failed: 0 }, ['output']],
    ['ended with errors', anthropic('ended', { succeeded: 3, errored: 1 }), 'completed', { completed: 3, failed: 1 }, ['output', 'error']],
    ['ended, some cancelled', anthropic('ended', { succeeded: 1, canceled: 3 }), 'cancelled', { completed: 1, failed: 3 }, ['output']],
    ['ended, all expired', anthropic('ended', { expired: 4 }), 'expired', { completed: 0, failed: 4 }, ['error']],
  ];
  for (const [name, answer, word, counts, files] of toOpenai)
    test(`Anthropic’s ${name} is OpenAI’s ${word}`, async () => {
      const shown = batchObject(job, await statusOf(atAnthropic, answer));
      assert.equal(shown['status'], word);
      assert.deepEqual(shown['request_counts'], { total: 4, ...counts });
      for (const which of ['output', 'error'] as const)
        assert.equal(shown[`${which}_file_id`], files.includes(which) ? resultFileId(job, which) : null);
    });

  test('why a provider took nothing is told to an OpenAI client', () => {
    const counts = { succeeded: 0, failed: 0, cancelled: 0, expired: 0 };
    const shown = batchObject(job, { phase: 'ended', end: 'failed', counts, error: 'no such model' });
    assert.deepEqual(
      [shown['status'], shown['errors']],
      ['failed', { object: 'list', data: [{ code: 'invalid_request', message: 'no such model' }] }],
    );
  });

  test('a file of results names its batch', () => {
    for (const which of ['output', 'error'] as const) assert.deepEqual(resultFile(resultFileId(job, which)), { batch: job.id, which });
    assert.equal(resultFile('file-mdc-00ff'), undefined);
  });
});

test('requests of a batch that its provider took none of have failed, each by its name', async () => {
  const sent = ['a', 'b'].map((custom_id) => JSON.stringify({ custom_id })).join('\n');
  const reply = async () =>
    new Reply({ kind: 'provider', name: 'p', hosting: 'api', model: '' }, { status: 200, headers: [] }, flowOf(Buffer.from(sent)));
  const reading: Reading = {
    side: atOpenai,
    asking: { json: async () => ({ input_file_id: 'file-1' }), reply },
    dialect: openaiDialect,
    clientApi: 'anthropic.messages',
    meter: () => Promise.reject(new Error('nothing was done')),
    isCongested: () => false,
  };
  const counts = { succeeded: 0, failed: 0, cancelled: 0, expired: 0 };
  const lines = resultLines(
    { ...job, api: 'openai.chat', total: 2 },
    { phase: 'ended', end: 'failed', counts, error: 'no such model' },
    reading,
    messageLine,
  );
  const results = (await Array.fromAsync(lines, String)).map((line) => JSON.parse(line));
  assert.deepEqual(
    results.map(({ custom_id, result }) => [custom_id, result.type, result.error.error.message]),
    [
      ['a', 'errored', 'no such model'],
      ['b', 'errored', 'no such model'],
    ],
  );
});
