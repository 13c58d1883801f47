/** A profile as V8 writes it, as far as it is read here. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
    readonly children?: readonly number[];
  }[];
  /** Ids of the node on top of the stack, sample by sample. */
  readonly samples: readonly number[];
  /** Microseconds of the monotonic clock. */
  readonly startTime: number;
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

/** A stretch of the monotonic clock, in microseconds. */
export interface Window {
  readonly fromUs: number;
  readonly toUs: number;
}

const always: Window = { fromUs: -Infinity, toUs: Infinity };

/** Every function that took time within the window, greatest self time first. */
export function functionTimes(profile: CpuProfile, window = always): readonly FunctionTime[] {
  const spent = timeById(profile, window);
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

function timeById({ samples, timeDeltas, startTime }: CpuProfile, { fromUs, toUs }: Window): ReadonlyMap<number, number> {
  const spent = new Map<number, number>();
  let atUs = startTime;
  for (const [at, id] of samples.entries()) {
    atUs += timeDeltas[at]!;
    const us = timeDeltas[at + 1] ?? 0;
    if (atUs >= fromUs && atUs < toUs) spent.set(id, (spent.get(id) ?? 0) + us);
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

/** Time of all functions by the innermost own one that called for them, as shares, greatest first; `(none)`: nothing of ours was on the stack. */
export function timesByCaller(profile: CpuProfile, window = always): readonly (readonly [string, number])[] {
  const spent = timeById(profile, window);
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const sums = new Map<string, number>();
  let busyUs = 0;
  const visit = (node: Node, above: string): void => {
    const caller = callerName(node) ?? above;
    const us = caller === '(idle)' ? 0 : (spent.get(node.id) ?? 0);
    busyUs += us;
    sums.set(caller, (sums.get(caller) ?? 0) + us);
    for (const child of node.children ?? []) visit(nodes.get(child)!, caller);
  };
  visit(profile.nodes[0]!, '(none)');
  const shares = [...sums].filter(([, us]) => us > 0).map(([caller, us]) => [caller, us / busyUs] as const);
  return shares.sort((a, b) => b[1] - a[1]);
}

/** What stands for itself: our functions, and what V8 does beside any function. */
function callerName({ callFrame: { functionName, url, lineNumber } }: Node): string | undefined {
  if (originOf(functionName, url) === 'modicum') return `${functionName || `(anonymous, line ${lineNumber + 1})`} ${placeOf(url)}`;
  return url === '' && functionName in pseudo && functionName !== '(root)' ? functionName : undefined;
}

/** Self time summed by what `of` says of a row, greatest first. */
export function sumBy(rows: readonly FunctionTime[], of: (row: FunctionTime) => string): readonly (readonly [string, number])[] {
  const sums = new Map<string, number>();
  for (const row of rows) sums.set(of(row), (sums.get(of(row)) ?? 0) + row.self);
  return [...sums].sort((a, b) => b[1] - a[1]);
}
