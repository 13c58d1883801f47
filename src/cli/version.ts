import { existsSync, readFileSync } from 'node:fs';

/** Version of the package this file belongs to, be it source or built. */
export function packageVersion(): string {
  let folder = new URL('../', import.meta.url);
  while (!existsSync(new URL('package.json', folder)) && folder.pathname !== '/') folder = new URL('../', folder);
  const { version } = JSON.parse(readFileSync(new URL('package.json', folder), 'utf8')) as { readonly version: string };
  return version;
}

const fromCheckout = import.meta.url.endsWith('.ts');

/** How this program is called from where it lies: for lines to copy. */
export const self = fromCheckout ? 'npm run -s modicum --' : 'modicum';
