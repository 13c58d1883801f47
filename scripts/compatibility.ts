/** Runs the matrix of clients and providers and writes `docs/compatibility.md`, or with `--check` tells whether it is out of date. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compatibilityPage } from '../test/matrix/page.ts';
import { runEmbeddings, runMatrix } from '../test/matrix/run.ts';

const path = 'docs/compatibility.md';

async function main(check: boolean): Promise<void> {
  const file = join(import.meta.dirname, '..', path);
  const page = compatibilityPage((await runMatrix()).of, (await runEmbeddings()).of);
  const isCurrent = (await readFile(file, 'utf8').catch(() => '')) === page;
  if (!check) {
    await writeFile(file, page);
    console.log(isCurrent ? 'the page was current' : `written: ${path}`);
  } else if (!isCurrent) {
    console.error(`out of date, run \`node scripts/compatibility.ts\`: ${path}`);
    process.exitCode = 1;
  }
}

if (import.meta.main) await main(process.argv.includes('--check'));
