import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createEmulator } from './emulator.ts';

const post = (url: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) });

test('every reply says that it is an emulator, in header and body', async () => {
  const emulator = createEmulator({ rates: () => ({ input: '1.25', output: '10' }) });
  const { url } = await emulator.listen();
  const response = await post(`${url}/v1/chat/completions`, { model: 'gpt-5', messages: [{ role: 'user', content: 'hi' }] });
  const body = (await response.json()) as { system_fingerprint: string; choices: [{ message: { content: string } }] };
  assert.equal(response.headers.get('x-modicum-emulator'), '1');
  assert.equal(body.system_fingerprint, 'modicum-emulator');
  assert.match(body.choices[0].message.content, /^\[emulator\] /);
  await emulator.close();
});
