import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ownTraceId, parseTraceparent, spanIdOf } from './trace-context.ts';

const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
const parent = '00f067aa0ba902b7';

describe('traceparent', () => {
  const cases: readonly { readonly header: string | undefined; readonly read: object | undefined }[] = [
    { header: `00-${trace}-${parent}-01`, read: { traceId: trace, parentId: parent, isSampled: true } },
    { header: `00-${trace}-${parent}-00`, read: { traceId: trace, parentId: parent, isSampled: false } },
    { header: `00-${trace}-${parent}-03`, read: { traceId: trace, parentId: parent, isSampled: true } },
    { header: `01-${trace}-${parent}-01-more`, read: { traceId: trace, parentId: parent, isSampled: true } },
    { header: `ff-${trace}-${parent}-01`, read: undefined },
    { header: `00-${'0'.repeat(32)}-${parent}-01`, read: undefined },
    { header: `00-${trace}-${'0'.repeat(16)}-01`, read: undefined },
    { header: `00-${trace.toUpperCase()}-${parent}-01`, read: undefined },
    { header: '', read: undefined },
    { header: undefined, read: undefined },
  ];
  for (const { header, read } of cases) test(`${header}`, () => assert.deepEqual(parseTraceparent(header), read));
});

test('ids follow from the id of the request, and differ by attempt', () => {
  const id = '019ab0d5-7a00-7000-8abc-0123456789ab';
  assert.equal(ownTraceId(id), '019ab0d57a0070008abc0123456789ab');
  assert.match(ownTraceId('some-other-id'), /^[0-9a-f]{32}$/);
  assert.equal(spanIdOf(id), spanIdOf(id, 0));
  assert.equal(new Set([0, 1, 2].map((attempt) => spanIdOf(id, attempt))).size, 3);
  for (const attempt of [0, 1]) assert.match(spanIdOf(id, attempt), /^[0-9a-f]{16}$/);
});

test('of a million ids in a row none comes twice, attempts included', () => {
  const seen = new Set<string>();
  for (let at = 0; at < 250_000; at += 1)
    for (let attempt = 0; attempt < 4; attempt += 1)
      seen.add(spanIdOf(`019ab0d5-7a00-7000-8abc-${at.toString(16).padStart(12, '0')}`, attempt));
  assert.equal(seen.size, 1_000_000);
});
