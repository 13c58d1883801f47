/** Compiles src/core/scan.wat into src/core/scan-wasm.ts. `--check` only tells whether that is up to date. */
import { readFileSync, writeFileSync } from 'node:fs';
import wabt from 'wabt';

const source = new URL('../src/core/scan.wat', import.meta.url);
const target = new URL('../src/core/scan-wasm.ts', import.meta.url);

const toolkit = await wabt();
const module = toolkit.parseWat('scan.wat', readFileSync(source, 'utf8'), { simd: true });
const { buffer } = module.toBinary({});
const text = `// Made from scan.wat by \`node scripts/wasm.ts\`; do not edit.

/** The module, base64. */
export const scanWasm =
  '${Buffer.from(buffer).toString('base64')}';
`;

if (!process.argv.includes('--check')) writeFileSync(target, text);
else if (readFileSync(target, 'utf8') !== text) {
  console.error('src/core/scan-wasm.ts is not up to date: run node scripts/wasm.ts');
  process.exitCode = 1;
}
