import type { Bytes } from './json.ts';
import { scanWasm } from './scan-wasm.ts';

/** The global `WebAssembly`, as far as it is used here: TypeScript declares it only together with the whole DOM. */
interface WebAssemblyGlobal {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
}

interface Memory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** What scan.wat exports; the comments there say what each does. */
export interface ScanExports {
  readonly memory: Memory;
  stringEnd(at: number, end: number): number;
  nestedEnd(at: number, end: number, maxDepth: number): number;
  nextSign(at: number, end: number, a: number, b: number, c: number, d: number): number;
}

let module: object | undefined;

/** A copy of the module with a memory of its own. */
export function scanInstance(): ScanExports {
  const { Instance, Module } = (globalThis as unknown as { readonly WebAssembly: WebAssemblyGlobal }).WebAssembly;
  module ??= new Module(Buffer.from(scanWasm, 'base64'));
  return new Instance(module).exports as ScanExports;
}

/** Loads of the last bytes read this much beyond them. */
const beyond = 32;
const page = 65_536;

/** A view of the memory, `current` as long as `length` bytes have room in it. It never shrinks. */
export function memoryFor({ memory }: ScanExports, current: Bytes, length: number): Bytes {
  const missing = length + beyond - current.length;
  if (missing <= 0) return current;
  memory.grow(Math.ceil(missing / page));
  return Buffer.from(memory.buffer);
}
