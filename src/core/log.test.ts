import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLog, maxFieldLength, type LogOptions } from './log.ts';

const now = () => new Date('2026-11-25T09:08:07.006Z');

function written(options: Partial<LogOptions>, use: (log: ReturnType<typeof createLog>) => void): readonly string[] {
  const lines: string[] = [];
  use(createLog({ level: 'info', format: 'text', write: (line) => lines.push(line), now, ...options }));
  return lines;
}

test('text: time, level, message and fields on one line', () => {
  assert.deepEqual(
    written({}, (log) => log.info('listening', { url: 'http://127.0.0.1:4000', models: 3, key: undefined })),
    ['09:08:07 info  listening url=http://127.0.0.1:4000 models=3\n'],
  );
});

test('JSON: one object a line', () => {
  const [line] = written({ format: 'json' }, (log) => log.warn('slow', { ms: 12 }));
  assert.deepEqual(JSON.parse(line!), { time: '2026-11-25T09:08:07.006Z', level: 'warn', message: 'slow', ms: 12 });
  assert.ok(line!.endsWith('\n'));
});

test('an error is written with its stack', () => {
  const [line] = written({ format: 'json' }, (log) => log.error('failed', { error: new RangeError('too far') }));
  assert.match((JSON.parse(line!) as { error: string }).error, /^RangeError: too far\n\s+at /);
});

for (const [level, expected] of [
  ['debug', ['debug', 'info', 'warn', 'error']],
  ['warn', ['warn', 'error']],
  ['silent', []],
] as const) {
  test(`level ${level} writes ${expected.join(', ') || 'nothing'}`, () => {
    const lines = written({ level, format: 'json' }, (log) => {
      log.debug('m');
      log.info('m');
      log.warn('m');
      log.error('m');
    });
    assert.deepEqual(
      lines.map((line) => (JSON.parse(line) as { level: string }).level),
      expected,
    );
  });
}

test('colours only when asked for', () => {
  const [plain] = written({}, (log) => log.error('m'));
  const [coloured] = written({ colors: true }, (log) => log.error('m'));
  assert.equal(plain!.includes('\u001b['), false);
  assert.ok(coloured!.includes('\u001b[31merror'));
});

test('a field at the limit is whole, beyond it shortened', () => {
  const [whole] = written({}, (log) => log.info('m', { text: 'x'.repeat(maxFieldLength) }));
  const [cut] = written({}, (log) => log.info('m', { text: 'x'.repeat(maxFieldLength + 1) }));
  assert.deepEqual([whole!.includes('(shortened)'), cut!.includes('(shortened)')], [false, true]);
});
