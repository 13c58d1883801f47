/** A profile as V8 writes it, as far as it is read here. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
    readonly children?: readonly number[];
  }[];
  /** Ids of the node on top of the stack, sample by sample. */
  readonly samples: readonly number[];
  /** Microseconds from one sample to the next. */
  readonly timeDeltas: readonly number[];
}

/** Where a function comes from. */
export type Origin = 'modicum' | 'undici' | 'package' | 'node' | 'wasm' | 'native' | 'gc' | 'program' | 'idle';

/** What one function cost, as shares of the time that was not idle. */
export interface FunctionTime {
  readonly origin: Origin;
  /** File, or the module of Node. */
  readonly place: string;
  readonly name: string;
  /** In the function itself. */
  self: number;
  /** In it and all it called; recursion counts once. */
  total: number;
}

const pseudo: Readonly<Record<string, Origin>> = {
  '(garbage collector)': 'gc',
  '(program)': 'program',
  '(idle)': 'idle',
  '(root)': 'program',
};

export function originOf(functionName: string, url: string): Origin {
  if (url === '') return pseudo[functionName] ?? 'native';
  if (url.startsWith('node:internal/deps/undici') || url.includes('/node_modules/undici/')) return 'undici';
  if (url.startsWith('node:')) return 'node';
  if (url.startsWith('wasm:')) return 'wasm';
  return url.includes('/node_modules/') ? 'package' : 'modicum';
}

/** `stages/meter.ts`, `undici/lib/dispatcher/client-h1.js`, `node:_http_server` */
export function placeOf(url: string): string {
  const path = url.replace(/^file:\/\//, '');
  return /\/node_modules\/(.*)$/.exec(path)?.[1] ?? /\/(?:src|dist)\/([^?]*)$/.exec(path)?.[1] ?? path;
}

/** Every function that took time, greatest self time first. The first `skipUs` microseconds (start-up, warm-up) do not count. */
export function functionTimes(profile: CpuProfile, skipUs = 0): readonly FunctionTime[] {
  const spent = timeById(profile, skipUs);
  const rows = new Map<string, FunctionTime>();
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const above: string[] = [];
  /** Adds a subtree; returns its time without what was idle. */
  const visit = (node: Node): number => {
    const { key, row } = rowOf(rows, node);
    const own = row.origin === 'idle' ? 0 : (spent.get(node.id) ?? 0);
    above.push(key);
    const below = (node.children ?? []).reduce((sum, child) => sum + visit(nodes.get(child)!), 0);
    above.pop();
    row.self += own;
    if (!above.includes(key)) row.total += own + below;
    return own + below;
  };
  const busyUs = visit(profile.nodes[0]!);
  const shares = [...rows.values()].map((row) => ({ ...row, self: row.self / busyUs, total: row.total / busyUs }));
  return shares.filter(({ total }) => total > 0).sort((a, b) => b.self - a.self);
}

type Node = CpuProfile['nodes'][number];

function timeById({ samples, timeDeltas }: CpuProfile, skipUs: number): ReadonlyMap<number, number> {
  const spent = new Map<number, number>();
  let atUs = 0;
  for (const [at, id] of samples.entries()) {
    const us = timeDeltas[at + 1] ?? 0;
    atUs += us;
    if (atUs > skipUs) spent.set(id, (spent.get(id) ?? 0) + us);
  }
  return spent;
}

function rowOf(
  rows: Map<string, FunctionTime>,
  { callFrame: { functionName, url, lineNumber } }: Node,
): { key: string; row: FunctionTime } {
  const name = functionName || `(anonymous, line ${lineNumber + 1})`;
  const place = placeOf(url);
  const key = `${place}\n${name}`;
  const row = rows.get(key) ?? { origin: originOf(functionName, url), place, name, self: 0, total: 0 };
  rows.set(key, row);
  return { key, row };
}

/** Self time summed by what `of` says of a row, greatest first. */
export function sumBy(rows: readonly FunctionTime[], of: (row: FunctionTime) => string): readonly (readonly [string, number])[] {
  const sums = new Map<string, number>();
  for (const row of rows) sums.set(of(row), (sums.get(of(row)) ?? 0) + row.self);
  return [...sums].sort((a, b) => b[1] - a[1]);
}
