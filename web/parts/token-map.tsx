import { useState } from 'react';
import type { CallRecord, PromptPart } from '../../src/core/record.ts';
import type { PromptView } from '../../src/server/dashboard/prompt.ts';
import { count, percent, wholeCount } from '../format/count.ts';
import { nanoMoney } from '../format/money.ts';
import { partColor, partNames } from '../format/prompt-parts.ts';
import { tokenMap, type MapSegment, type TokenMap } from '../state/token-map.ts';
import { Copyable } from './copyable.tsx';
import { Link } from './link.tsx';
import { Table } from './table.tsx';

/** The input of a call as one strip, cut into its parts; beneath it what was read from the cache, written to it, and fresh. */
export function TokenMapView({ call, prompt }: { readonly call: CallRecord; readonly prompt: PromptView }) {
  const [chosen, setChosen] = useState<number>();
  const map = tokenMap(call, prompt.segments);
  const broke = prompt.compared?.broke;
  const shown = chosen ?? broke?.segment;
  return (
    <>
      <p className="quiet small">{summaryOf(map)}</p>
      <div>
        <div className="strip" role="group" aria-label="Parts of the prompt, in the order the model reads them">
          {map.segments.map((segment, at) => (
            <button
              key={segment.from + segment.part}
              type="button"
              aria-pressed={shown === at}
              aria-label={`${partNames[segment.part]}, ${wholeCount(segment.tokens)} tokens, ${nanoMoney(segment.cost)}`}
              title={`${partNames[segment.part]}: ${wholeCount(segment.tokens)} tokens, ${nanoMoney(segment.cost)}`}
              style={{ background: partColor(segment.part), flex: `${Math.max(segment.tokens, 0.001)} 1 0` }}
              onClick={() => setChosen(at)}
              onPointerEnter={() => setChosen(at)}
            />
          ))}
        </div>
        <CacheStrip map={map} broke={broke ? breakPlace(map, broke) : undefined} />
      </div>
      <ul className="legend">
        {partsOf(map).map(({ part, tokens }) => (
          <li key={part}>
            <span className="swatch" style={{ background: partColor(part) }} />
            {partNames[part]} <b>{count(tokens)}</b>
            <span className="quiet">{percent(tokens / Math.max(1, map.total))}</span>
          </li>
        ))}
      </ul>
      <CacheLegend map={map} />
      {shown !== undefined && map.segments[shown] && <SegmentView segment={map.segments[shown]} hasText={prompt.hasText} />}
      <Comparison prompt={prompt} map={map} />
      <PartTable map={map} />
    </>
  );
}

function summaryOf({ total, tokens, segments }: TokenMap): string {
  if (total === 0) return 'The provider told no input of this call.';
  const largest = partsOf({ segments }).toSorted((left, right) => right.tokens - left.tokens)[0]!;
  return `${wholeCount(total)} tokens of input; ${percent(largest.tokens / total)} is ${partNames[largest.part].toLowerCase()}, ${percent(tokens.cacheRead / total)} was read from the cache.`;
}

interface PartSum {
  readonly part: PromptPart;
  readonly tokens: number;
  readonly read: number;
  readonly written: number;
  readonly fresh: number;
  readonly cost: number | null;
}

/** Segments summed up by part, in the order in which they first come. */
function partsOf({ segments }: Pick<TokenMap, 'segments'>): readonly PartSum[] {
  const sums = new Map<PromptPart, PartSum>();
  for (const { part, tokens, read, written, fresh, cost } of segments) {
    const sum = sums.get(part) ?? { part, tokens: 0, read: 0, written: 0, fresh: 0, cost: 0 };
    sums.set(part, {
      part,
      tokens: sum.tokens + tokens,
      read: sum.read + read,
      written: sum.written + written,
      fresh: sum.fresh + fresh,
      cost: sum.cost === null || cost === null ? null : sum.cost + cost,
    });
  }
  return [...sums.values()];
}

const cacheKinds = [
  ['read', 'Read from the cache', 'var(--kind-cache-read)'],
  ['written', 'Written to the cache', 'var(--kind-cache-write)'],
  ['fresh', 'Fresh', 'var(--kind-input)'],
] as const;

const cacheSums = ({ segments }: TokenMap): readonly number[] =>
  cacheKinds.map(([kind]) => segments.reduce((sum, segment) => sum + segment[kind], 0));

/** `broke`: where the prefix broke, 0 to 1. */
function CacheStrip({ map, broke }: { readonly map: TokenMap; readonly broke: number | undefined }) {
  const sums = cacheSums(map);
  return (
    <div
      className="cache-strip"
      role="img"
      aria-label={cacheKinds.map(([, name], at) => `${name}: ${wholeCount(sums[at])} tokens`).join(', ')}
    >
      {cacheKinds.map(([kind, , color], at) =>
        sums[at] ? <span key={kind} style={{ background: color, flex: `${sums[at]} 1 0` }} /> : null,
      )}
      {broke !== undefined && (
        <span className="needle" style={{ left: `${broke * 100}%` }} title="Here the prompt differs from the call before" />
      )}
    </div>
  );
}

function CacheLegend({ map }: { readonly map: TokenMap }) {
  const sums = cacheSums(map);
  return (
    <ul className="legend">
      {cacheKinds.map(([kind, name, color], at) => (
        <li key={kind}>
          <span className="swatch" style={{ background: color }} />
          {name} <b>{count(sums[at])}</b>
        </li>
      ))}
    </ul>
  );
}

function breakPlace({ segments, total }: TokenMap, { segment, at }: { readonly segment: number; readonly at: number }): number | undefined {
  const found = segments[segment];
  if (!found || total === 0) return undefined;
  return (found.from + found.tokens * Math.min(1, at / Math.max(1, found.length ?? 1))) / total;
}

function SegmentView({ segment, hasText }: { readonly segment: MapSegment; readonly hasText: boolean }) {
  const { part, tokens, cost, read, written, fresh, text, length = 0 } = segment;
  const shares = [
    [read, 'read from the cache'],
    [written, 'written to it'],
    [fresh, 'fresh'],
  ] as const;
  return (
    <div className="section" aria-live="polite">
      <p>
        <b>{partNames[part]}</b>: {wholeCount(tokens)} tokens, {nanoMoney(cost)}{' '}
        <span className="quiet">
          ({shares.flatMap(([amount, name]) => (amount > 0 ? [`${wholeCount(amount)} ${name}`] : [])).join(', ')})
        </span>
      </p>
      {text !== undefined && (
        <pre className="prompt-text" tabIndex={0}>
          {text}
          {length > text.length && `\n... ${wholeCount(length - text.length)} more characters`}
        </pre>
      )}
      {!hasText && <NoText />}
    </div>
  );
}

const NoText = () => (
  <div className="empty">
    <p className="quiet small">Its text is not kept. From the next call on it is, when the configuration says so:</p>
    <Copyable text={'ledger:\n  bodies:\n    store: on'} label="setting that keeps bodies" />
  </div>
);

function Comparison({ prompt: { compared }, map }: { readonly prompt: PromptView; readonly map: TokenMap }) {
  if (!compared) return null;
  const before = <Link href={`/ui/calls/${compared.id}`}>the call before</Link>;
  const { broke } = compared;
  if (!broke)
    return (
      <p className="small">
        This prompt goes on from {before} of its session; nothing before its end was changed, so the cache could hold all of it.
      </p>
    );
  const same = (breakPlace(map, broke) ?? 0) * map.total;
  return (
    <div className="section">
      <p className="small">
        Compared with {before}, the first difference stands after {wholeCount(same)} tokens, in{' '}
        {partNames[map.segments[broke.segment]!.part].toLowerCase()}. A prompt cache can hold nothing behind it.
      </p>
      <pre className="prompt-text" tabIndex={0}>
        {`before  ${onOneLine(broke.before)}\nnow     ${onOneLine(broke.now)}`}
      </pre>
    </div>
  );
}

/** So that the two stand under each other. */
const onOneLine = (text: string): string => text.replaceAll(/\r?\n/g, '↵');

function PartTable({ map }: { readonly map: TokenMap }) {
  const figure = (name: string, of: (row: PartSum) => number) => ({
    name,
    isFigure: true,
    cell: (row: PartSum) => wholeCount(of(row)),
    value: of,
  });
  return (
    <Table
      label="Cost by part of the prompt"
      file="parts"
      rows={partsOf(map)}
      keyOf={({ part }) => part}
      columns={[
        { name: 'Part', cell: ({ part }) => partNames[part], value: ({ part }) => partNames[part] },
        figure('Tokens', ({ tokens }) => tokens),
        figure('Cache read', ({ read }) => read),
        figure('Cache write', ({ written }) => written),
        figure('Fresh', ({ fresh }) => fresh),
        { name: 'Cost', isFigure: true, cell: ({ cost }) => nanoMoney(cost), value: ({ cost }) => cost },
      ]}
    />
  );
}
