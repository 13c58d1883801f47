import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GatewayError } from './errors.ts';

test('an error with more headers is the same error; headers it has stay as they are', () => {
  const cause = new Error('why');
  const error = new GatewayError('rate_limited', 'later', { cause, param: 'model', headers: ['retry-after', '3'] });
  const more = error.with(['retry-after', '9', 'x-modicum-warning', 'slow down']);
  assert.deepEqual(
    [more.code, more.message, more.cause, more.param, more.headers],
    ['rate_limited', 'later', cause, 'model', ['retry-after', '3', 'x-modicum-warning', 'slow down']],
  );
});

test('whatever was thrown becomes an error of the gateway, its own as they are', () => {
  const own = new GatewayError('forbidden', 'no');
  assert.equal(GatewayError.from(own), own);
  const other = GatewayError.from('odd');
  assert.deepEqual([other.code, other.status, other.cause], ['internal', 500, 'odd']);
});
