import { readFileSync } from 'node:fs';

/** Version of the package, which lies two folders up both from the source and from what is built. */
export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { readonly version: string };
  return version;
}

const fromCheckout = import.meta.url.endsWith('.ts');

/** How this program is called from where it lies: for lines to copy. */
export const self = fromCheckout ? 'npm run -s modicum --' : 'modicum';
