import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

type Collect = (options: { readonly type: 'major'; readonly flavor: 'last-resort' }) => void;

let collect: Collect | undefined;

/**
 * Gives the memory of this thread's heap back that it no longer needs; stops the thread for some ten ms.
 * V8 does so by itself only after long idleness, and then not for buffers: a gateway after a burst would hold two times what it uses.
 * Node offers the collector to programs only behind a flag, which may also be set while running.
 */
export function giveMemoryBack(): void {
  if (!collect) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as Collect;
  }
  collect({ type: 'major', flavor: 'last-resort' });
}
