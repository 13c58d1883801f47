import assert from 'node:assert/strict';
import { test } from 'node:test';
import { batchRoute } from './routes.ts';

test('what a path about batches is', () => {
  const cases: readonly (readonly [request: string, expected: object | 'method' | undefined, isGoogle?: boolean])[] = [
    ['POST /v1/messages/batches', { family: 'anthropic', kind: 'create' }],
    ['GET /v1/messages/batches', { family: 'anthropic', kind: 'other' }],
    ['GET /v1/messages/batches/b', { family: 'anthropic', kind: 'other', id: 'b' }],
    ['POST /v1/messages/batches/b/cancel', { family: 'anthropic', kind: 'other', id: 'b', verb: 'cancel' }],
    ['GET /v1/messages/batches/b/results', { family: 'anthropic', kind: 'results', id: 'b', verb: 'results' }],
    ['PUT /v1/messages/batches', 'method'],
    ['POST /v1/files', { family: 'openai', kind: 'upload' }],
    ['GET /v1/files', { family: 'openai', kind: 'other' }],
    ['DELETE /v1/files/f', { family: 'openai', kind: 'other', id: 'f' }],
    ['GET /v1/files/f/content', { family: 'openai', kind: 'results', id: 'f', verb: 'content' }],
    ['POST /v1/batches', { family: 'openai', kind: 'create' }],
    ['GET /v1/batches/b', { family: 'openai', kind: 'other', id: 'b' }],
    ['GET /v1/batches/b', { family: 'google', kind: 'operation', id: 'batches/b' }, true],
    ['GET /v1beta/batches/b', { family: 'google', kind: 'operation', id: 'batches/b' }],
    ['POST /v1beta/batches/b:cancel', { family: 'google', kind: 'other', id: 'batches/b' }],
    ['GET /v1beta/batches', { family: 'google', kind: 'other' }],
    ['POST /v1beta/models/m%2Fx:batchGenerateContent', { family: 'google', kind: 'create', model: 'm/x' }],
    ['POST /v1/models/m:batchGenerateContent', { family: 'google', kind: 'create', model: 'm' }],
    ['GET /download/v1beta/files/f:download', { family: 'google', kind: 'results', id: 'files/f' }],
    ['GET /v1beta/files/f:download', { family: 'google', kind: 'results', id: 'files/f' }],
    ['GET /v1/messages/batches/b/other', undefined],
    ['GET /v1/batchesx', undefined],
    ['POST /v1beta/models/m:generateContent', undefined],
  ];
  for (const [request, expected, isGoogle = false] of cases) {
    const [method, path] = request.split(' ') as [string, string];
    assert.deepEqual(batchRoute(method, path, isGoogle), expected, request);
  }
});
