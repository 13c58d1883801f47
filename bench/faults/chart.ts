import type { BreakerState } from '../../src/stages/fallback/breaker.ts';

export interface Change {
  readonly deployment: string;
  readonly to: BreakerState;
  /** Since the start of the run. */
  readonly ms: number;
}

export interface Chart {
  readonly deployments: readonly string[];
  readonly changes: readonly Change[];
  readonly totalMs: number;
  /** When one of them was dead. */
  readonly dead: { readonly deployment: string; readonly fromMs: number; readonly toMs: number };
  readonly caption: string;
}

const fills: Readonly<Record<BreakerState, string>> = { closed: '#2e8b57', 'half-open': '#e0a800', open: '#c0392b' };

const left = 130;
const width = 640;
const laneHeight = 26;
const laneGap = 16;
const top = 50;

/** States of the breakers over time, one lane each, as SVG. */
export function chart({ deployments, changes, totalMs, dead, caption }: Chart): string {
  const x = (ms: number): string => (left + (ms / totalMs) * width).toFixed(1);
  const bottom = top + deployments.length * (laneHeight + laneGap);
  const lanes = deployments.flatMap((deployment, at) => {
    const y = top + at * (laneHeight + laneGap);
    const name = `<text x="${left - 10}" y="${y + 18}" text-anchor="end">${deployment}</text>`;
    return [name, ...spansOf(deployment, changes, totalMs).map((span) => bar(span, x, y))];
  });
  const deadLane = top + deployments.indexOf(dead.deployment) * (laneHeight + laneGap);
  const deadMark = `<rect x="${x(dead.fromMs)}" y="${deadLane - 6}" width="${(Number(x(dead.toMs)) - Number(x(dead.fromMs))).toFixed(1)}" height="4" fill="#555"/><text x="${x(dead.fromMs)}" y="${deadLane - 10}" font-size="11">upstream is dead</text>`;
  const ticks = ticksOf(totalMs).map(
    (ms) => `<text x="${x(ms)}" y="${bottom + 14}" text-anchor="middle" font-size="11">${ms / 1000} s</text>`,
  );
  const legend = Object.entries(fills).map(
    ([state, fill], at) =>
      `<rect x="${left + at * 100}" y="${bottom + 28}" width="12" height="12" fill="${fill}"/><text x="${left + at * 100 + 18}" y="${bottom + 38}" font-size="11">${state}</text>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${left + width + 30}" height="${bottom + 56}" font-family="sans-serif" font-size="13" role="img" aria-label="${caption}">`,
    '<rect width="100%" height="100%" fill="#fff"/>',
    `<text x="12" y="22">${caption}</text>`,
    ...lanes,
    deadMark,
    ...ticks,
    ...legend,
    '</svg>',
    '',
  ].join('\n');
}

interface Span {
  readonly state: BreakerState;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Half-open lasts milliseconds: drawn at least this wide, so that it is seen. */
const leastWidth = 3;

function bar({ state, fromMs, toMs }: Span, x: (ms: number) => string, y: number): string {
  const wide = Number(x(toMs)) - Number(x(fromMs));
  return `<rect x="${x(fromMs)}" y="${y}" width="${Math.max(state === 'half-open' ? leastWidth : 0.5, wide).toFixed(1)}" height="${laneHeight}" fill="${fills[state]}"/>`;
}

/** Half-open spans last, so that they are drawn over their neighbours. */
function spansOf(deployment: string, changes: readonly Change[], totalMs: number): readonly Span[] {
  const own = changes.filter((change) => change.deployment === deployment);
  const starts = [{ to: 'closed' as BreakerState, ms: 0 }, ...own];
  const spans = starts.map(({ to, ms }, at) => ({ state: to, fromMs: ms, toMs: starts[at + 1]?.ms ?? totalMs }));
  return spans.toSorted((a, b) => Number(a.state === 'half-open') - Number(b.state === 'half-open'));
}

function ticksOf(totalMs: number): readonly number[] {
  const step = [1000, 2000, 5000, 10_000, 20_000, 60_000].find((candidate) => totalMs / candidate <= 10) ?? 120_000;
  return Array.from({ length: Math.floor(totalMs / step) + 1 }, (_, at) => at * step);
}
