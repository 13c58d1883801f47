import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLoopback, isPrivate, pointsAt } from './addresses.ts';

const hosts: Readonly<Record<string, 'loopback' | 'private' | 'public'>> = {
  localhost: 'loopback',
  'LOCALHOST.': 'loopback',
  'app.localhost': 'loopback',
  '127.0.0.1': 'loopback',
  '127.255.255.255': 'loopback',
  '::1': 'loopback',
  '[::1]': 'loopback',
  '::ffff:127.0.0.1': 'loopback',
  '10.0.0.1': 'private',
  '172.16.0.1': 'private',
  '172.31.255.255': 'private',
  '192.168.1.1': 'private',
  '169.254.1.1': 'private',
  '[fd00::1]': 'private',
  'fe80::1': 'private',
  vllm: 'private',
  'gpu.local': 'private',
  'llm.corp.internal': 'private',
  '0.0.0.0': 'public',
  '::': 'public',
  '126.0.0.1': 'public',
  '172.32.0.1': 'public',
  '2001:db8::1': 'public',
  'api.openai.com': 'public',
  'localhost.evil.example': 'public',
  '127.0.0.1.evil.example': 'public',
};
for (const [host, kind] of Object.entries(hosts))
  test(`${host} is ${kind}`, () => {
    assert.equal(isLoopback(host), kind === 'loopback');
    assert.equal(isPrivate(host), kind !== 'public');
  });

test('a URL that leads back to a server', () => {
  const server = { host: '127.0.0.1', port: 4000 };
  const back = ['http://127.0.0.1:4000/v1', 'http://localhost:4000', 'http://[::1]:4000/c/app/v1'];
  const elsewhere = ['http://127.0.0.1:4001/v1', 'https://api.openai.com/v1', 'http://10.0.0.1:4000/v1'];
  for (const url of back) assert.equal(pointsAt(url, server), true, url);
  for (const url of elsewhere) assert.equal(pointsAt(url, server), false, url);
  assert.equal(pointsAt('https://gateway.example/v1', { host: 'gateway.example', port: 443 }), true);
  assert.equal(pointsAt('http://gateway.example/v1', { host: 'gateway.example', port: 80 }), true);
});
