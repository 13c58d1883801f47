import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Request bodies of the load kit: real escapes, characters beyond Latin-1, tools. */
export interface KitBodies {
  /** Bytes by name of the size: `1k`, `20k`, `200k`. */
  readonly SIZES: Readonly<Record<string, number>>;
  readonly body: (api: 'chat' | 'responses' | 'messages', bytes: number, stream: boolean, model?: string) => string;
}

/** @throws when the folder is no load kit. */
export async function kitBodies(kitDir: string): Promise<KitBodies> {
  const file = join(kitDir, 'mkbodies.mjs');
  if (!existsSync(file)) throw new Error(`no load kit in ${kitDir}: name its folder with --kit`);
  return (await import(pathToFileURL(file).href)) as KitBodies;
}
