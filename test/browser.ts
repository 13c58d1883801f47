import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { BrowserContext, Browser, Page } from 'playwright-core';
import { chromium } from 'playwright-core';
import { buildStaleWeb } from '../scripts/web.ts';
import type { Cleanup } from './harness.ts';

const places = [process.env['MODICUM_TEST_CHROMIUM'], '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Chromium of this machine, or `undefined`. */
export const chromiumPath = places.find((path) => path !== undefined && existsSync(path));

/** What `node:test` takes as `skip`. Where engines are required, tests fail for the lack of one instead. */
export const skipWithoutChromium: string | false =
  chromiumPath !== undefined || process.env['MODICUM_TEST_ENGINES'] === 'required' ? false : 'no Chromium on this machine';

/** Built anew where its source has changed: what is tested is what is there. */
export const buildDashboard = (): Promise<boolean> => buildStaleWeb(join(import.meta.dirname, '../dist/web'));

export async function startBrowser(): Promise<Browser> {
  if (chromiumPath === undefined) throw new Error('these tests need Chromium; MODICUM_TEST_CHROMIUM names it');
  return chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
}

/** A page, and what went wrong in it. */
export interface Visit {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Errors of scripts, errors in the console, and requests that left this gateway. */
  readonly faults: readonly string[];
  /** Bytes of scripts that were loaded, compressed. */
  readonly scriptBytes: () => number;
}

export interface VisitOptions {
  readonly theme?: 'light' | 'dark';
  readonly width?: number;
  readonly height?: number;
  /** Epoch ms: what the page takes for now, in UTC. Timers go on. */
  readonly now?: number;
}

export async function visit(
  t: Cleanup,
  browser: Browser,
  base: string,
  { theme = 'light', width = 1360, height = 900, now }: VisitOptions = {},
): Promise<Visit> {
  const context = await browser.newContext({
    baseURL: base,
    viewport: { width, height },
    colorScheme: theme,
    reducedMotion: 'reduce',
    timezoneId: 'UTC',
  });
  if (now !== undefined) await context.clock.setFixedTime(now);
  t.after(() => context.close());
  const page = await context.newPage();
  const faults: string[] = [];
  let scriptBytes = 0;
  page.on('pageerror', ({ message }) => faults.push(message));
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
  page.on(
    'request',
    (request) => request.url().startsWith(base) || request.url().startsWith('blob:') || faults.push(`asks for ${request.url()}`),
  );
  page.on('response', async (response) => {
    if (response.request().resourceType() === 'script') scriptBytes += gzipSync(await response.body(), { level: 9 }).length;
  });
  return { page, context, faults, scriptBytes: () => scriptBytes };
}
