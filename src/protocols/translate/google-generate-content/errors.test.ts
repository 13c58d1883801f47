import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Json } from '../../../core/json.ts';
import { googleGenerateContent } from './index.ts';

describe('errors', () => {
  const rows: readonly (readonly [number, Json, object])[] = [
    [400, { status: 'INVALID_ARGUMENT', message: 'Bad.' }, { kind: 'invalid_request', code: 'INVALID_ARGUMENT' }],
    [400, { message: 'API key not valid.', details: [{ reason: 'API_KEY_INVALID' }] }, { kind: 'authentication' }],
    [400, { message: 'The input token count (9) exceeds the maximum number of tokens allowed (8).' }, { kind: 'context_length' }],
    [400, { message: 'Bad.', details: [{ fieldViolations: [{ field: 'contents' }] }] }, { kind: 'invalid_request', param: 'contents' }],
    [403, { message: 'No.', status: 'PERMISSION_DENIED' }, { kind: 'permission' }],
    [503, { message: 'Busy.', status: 'UNAVAILABLE' }, { kind: 'overloaded' }],
  ];
  for (const [status, error, expected] of rows)
    test(`${status} ${JSON.stringify(error)}`, () => {
      for (const body of [{ error }, [{ error }]]) {
        const found = googleGenerateContent.decodeError(status, Buffer.from(JSON.stringify(body)));
        assert.deepEqual({ ...found, status, ...expected }, found);
      }
    });

  test('the field that is wrong is told as Google does', () => {
    const { body, status } = googleGenerateContent.encodeError(
      { kind: 'invalid_request', message: 'Bad.', param: 'stop', code: 'bad_stop' },
      'r',
    );
    assert.deepEqual(
      [status, JSON.parse(body.toString())],
      [
        400,
        {
          error: {
            code: 400,
            message: 'Bad.',
            status: 'INVALID_ARGUMENT',
            details: [
              {
                '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
                reason: 'INVALID_REQUEST',
                domain: 'modicum',
                metadata: { code: 'bad_stop' },
              },
              { '@type': 'type.googleapis.com/google.rpc.BadRequest', fieldViolations: [{ field: 'stop', description: 'Bad.' }] },
            ],
          },
        },
      ],
    );
  });
});
