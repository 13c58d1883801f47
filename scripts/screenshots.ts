/** Pictures of the dashboard for the documentation: `node scripts/screenshots.ts`. Needs Chromium. Writes `docs/images/*.png`. */
import { mkdtemp, rm } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CallRecord, Feedback } from '../src/core/record.ts';
import { openLedger } from '../src/ledger/ledger.ts';
import { buildDashboard, startBrowser, visit } from '../test/browser.ts';
import { settled } from '../test/dashboard.ts';
import { startGateway, vendorsAt } from '../test/harness.ts';
import { createEmulator } from '../src/emulator/emulator.ts';
import { sendDemoCalls } from './demo-calls.ts';
import { demoFeedback, demoRecords } from './demo-records.ts';

const images = join(import.meta.dirname, '../docs/images');
const days = 75;
/** Pictures are the same each time: the page takes this for now. A Tuesday afternoon. */
const now = Date.UTC(2026, 10, 24, 16, 30);

interface Picture {
  readonly file: string;
  readonly path: string;
  readonly theme?: 'light' | 'dark';
  readonly height?: number;
  readonly width?: number;
  /** Only this part of the page. */
  readonly section?: string;
}

const pictures = (records: readonly CallRecord[]): readonly Picture[] => {
  const session = encodeURIComponent(longestSession(records));
  return [
    { file: 'overview', path: '/?range=30d' },
    { file: 'overview-dark', path: '/?range=30d', theme: 'dark' },
    { file: 'recommendations', path: '/ui/recommendations?range=30d', height: 800 },
    { file: 'explore', path: '/ui/explore?measure=costUsd&by=app&view=time&range=30d', height: 760 },
    { file: 'calls', path: '/ui/calls', height: 700 },
    { file: 'session', path: `/ui/sessions/${session}`, height: 760 },
    { file: 'cache', path: '/ui/cache?range=30d', height: 760 },
    { file: 'quality', path: '/ui/quality?range=30d', height: 820 },
    { file: 'phone', path: '/?range=30d', theme: 'dark', width: 390, height: 844 },
  ];
};

function longestSession(records: readonly CallRecord[]): string {
  const turns = new Map<string, number>();
  for (const { labels } of records) if (labels.session !== undefined) turns.set(labels.session, (turns.get(labels.session) ?? 0) + 1);
  return [...turns].toSorted(([, left], [, right]) => right - left)[0]![0];
}

async function writeDemo(dir: string, records: readonly (CallRecord | Feedback)[]): Promise<void> {
  const ledger = await openLedger({ dir });
  for (const record of records) {
    while (ledger.isCongested()) await new Promise((resolve) => setTimeout(resolve, 5));
    ledger.append(record);
  }
  await ledger.close();
}

const marginPx = 20;

/** Of a section of the page, with some air around it. */
async function placeOf(page: Page, heading: string): Promise<Record<'x' | 'y' | 'width' | 'height', number>> {
  const section = page.locator('section', { has: page.getByRole('heading', { name: heading }) });
  const { x, y, width, height } = (await section.boundingBox())!;
  return { x: x - marginPx, y: y - marginPx, width: width + 2 * marginPx, height: height + marginPx };
}

const dataDir = await mkdtemp(join(tmpdir(), 'modicum-pictures-'));
const clean: (() => void | Promise<void>)[] = [() => rm(dataDir, { recursive: true, force: true })];
const cleanup = { after: (done: () => void | Promise<void>) => void clean.unshift(done) };
try {
  await buildDashboard();
  const records = demoRecords({ until: now - 90_000, days });
  await writeDemo(dataDir, [...records, ...demoFeedback(records)]);
  const emulator = createEmulator({});
  cleanup.after(() => emulator.close());
  const { url: emulatorUrl } = await emulator.listen();
  const budgets = [{ name: 'monthly', limit: { usd: 50 }, window: 'month' as const }];
  const gateway = await startGateway(cleanup, {
    providers: vendorsAt(emulatorUrl, {}),
    dataDir,
    config: { budgets, ledger: { bodies: { store: 'on' } }, savings: { stages: { promptRepair: 'observe' } } },
  });
  const browser = await startBrowser();
  cleanup.after(() => browser.close());
  const shoot = async ({ file, path, theme = 'light', width = 1280, height = 860, section }: Picture): Promise<void> => {
    const { page, context } = await visit(cleanup, browser, gateway.url, { theme, width, height, now });
    await page.goto(path);
    await settled(page);
    const clip = section === undefined ? undefined : await placeOf(page, section);
    await page.screenshot({ path: join(images, `${file}.png`), ...(clip && { clip }) });
    await context.close();
    console.log(`docs/images/${file}.png`);
  };
  for (const picture of pictures(records)) await shoot(picture);
  // Last, since these calls are made now.
  const id = await sendDemoCalls(gateway.url);
  await gateway.records(3);
  await shoot({ file: 'token-map', path: `/ui/calls/${id}`, height: 1400, section: 'Token map' });
} finally {
  for (const done of clean) await done();
}
