import assert from 'node:assert/strict';
import { test } from 'node:test';
import { banner, type BannerOptions } from './banner.ts';
import { self } from './version.ts';

const options = (source: BannerOptions['source']): BannerOptions => ({
  url: 'http://127.0.0.1:4000',
  version: '1.2.3',
  configPath: undefined,
  replayOptions: ' --url http://127.0.0.1:4000',
  ledgerOptions: '',
  paint: (_, text) => text,
  config: { providers: {} } as BannerOptions['config'],
  source,
});

test('who starts without keys reads the address of the dashboard and the one line that fills it', () => {
  const lines = banner(options('emulator')).split('\n');
  assert.ok(lines.includes('Dashboard  http://127.0.0.1:4000'));
  const at = lines.indexOf('Fill the dashboard with samples, in a second terminal:');
  assert.equal(lines[at + 1], `  ${self} replay samples --url http://127.0.0.1:4000`);
});

test('with real providers nobody is told to fill the ledger with samples', () => {
  const text = banner(options('found'));
  assert.match(text, /^Dashboard {2}http/m);
  assert.doesNotMatch(text, /replay samples/);
});
