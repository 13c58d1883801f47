import { useEffect, useRef, useState } from 'react';
import type { CallRecord } from '../../src/core/record.ts';
import type { Filter } from '../../src/analytics/query.ts';
import { followCalls, loadCalls, type CallsAnswer } from '../api/calls.ts';
import { useLoaded, type Loaded } from '../api/use-loaded.ts';
import { figuresIn, useQuery } from '../api/use-query.ts';
import { percent, wholeCount } from '../format/count.ts';
import { coarseMoney } from '../format/money.ts';
import { CallRows } from '../parts/call-rows.tsx';
import { FilterChips } from '../parts/filters.tsx';
import { Page } from '../parts/page.tsx';
import { RangeChoice } from '../parts/range.tsx';
import { Empty, NoTraffic, Shown } from '../parts/states.tsx';
import { isFound, matches } from '../state/call-matches.ts';
import { filtersOf } from '../state/filters.ts';
import { go, usePlace, withParameters } from '../state/location.ts';
import type { Span } from '../state/range.ts';
import { useSpan } from '../state/use-span.ts';

/** Rows loaded at first, then at once, and kept of the live ones at most. */
const pageRows = 200;
const maxPageRows = 500;
const maxLive = 2000;

const measures = ['calls', 'failures', 'failureShare', 'costUsd'] as const;

export default function Calls() {
  const { search } = usePlace();
  const { span } = useSpan();
  const filters = filtersOf(search);
  const sums = useQuery({ measures, filters, ...span });
  const figures = sums.value && figuresIn(measures, sums.value.totals);
  const total = figures?.number('calls') ?? 0;
  const lead = figures ? (
    <>
      {wholeCount(total)} {total === 1 ? 'call' : 'calls'} for {coarseMoney(figures.value('costUsd') ?? '0')},{' '}
      {wholeCount(figures.number('failures'))} failed
      <span className="quiet"> ({percent(figures.number('failureShare') ?? 0)}).</span>
    </>
  ) : (
    <>&nbsp;</>
  );
  return (
    <Page name="Calls" lead={lead} tools={<RangeChoice />}>
      <FilterChips />
      <Listed />
    </Page>
  );
}

function Listed() {
  const { path, search } = usePlace();
  const { span } = useSpan();
  const parameters = new URLSearchParams(search);
  const filters = filtersOf(search);
  const text = parameters.get('q') ?? '';
  const isPaused = parameters.get('paused') === '1';
  const stored = useStored(filters, span, useDelayed(text));
  const live = useLive(isPaused);
  const fresh = live.calls.filter((call) => matches(call, filters) && (span.to === undefined || call.at < span.to));
  const toggle = (): void => go(path + withParameters(search, { paused: isPaused ? undefined : '1' }), { replace: true });
  return (
    <Shown loaded={stored.loaded}>
      {() => {
        const found = joined(fresh, stored.calls).filter((call) => isFound(call, text));
        return (
          <>
            <div className="toolbar">
              <input
                type="search"
                aria-label="Search calls"
                placeholder="Search app, user, model, error, id"
                size={34}
                value={text}
                onChange={({ target }) => go(path + withParameters(search, { q: target.value || undefined }), { replace: true })}
              />
              <button type="button" className="button" aria-pressed={isPaused} onClick={toggle}>
                <span className={isPaused || !live.isConnected ? 'live-dot off' : 'live-dot pulse'} />
                {isPaused ? 'Go on' : 'Pause'}
              </button>
              <span className="quiet small" role="status">
                {isPaused ? `Paused, ${live.waiting} new` : live.isConnected ? 'Live' : 'Connecting'}
                {text === '' ? '' : `, ${wholeCount(found.length)} found`}
              </span>
            </div>
            <Rows found={found} isSearch={text !== ''} />
            {stored.loadMore && (
              <div>
                <button type="button" className="button" onClick={stored.loadMore}>
                  Load earlier calls
                </button>
              </div>
            )}
          </>
        );
      }}
    </Shown>
  );
}

interface Stored {
  readonly loaded: Loaded<CallsAnswer>;
  readonly calls: readonly CallRecord[];
  /** Absent when all are loaded. */
  readonly loadMore: (() => void) | undefined;
}

/** Recorded calls, page after page. Another question begins with its first page. */
function useStored(filters: readonly Filter[], { from, to }: Span, text: string): Stored {
  // "Since an hour ago" moves on all the time; the rows need not.
  const key = `calls ${JSON.stringify([filters, from === undefined ? 0 : Math.floor(from / 3_600_000), to, text])}`;
  const span = { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
  const loaded = useLoaded(key, (signal) => loadCalls({ filters, span, search: text, limit: pageRows }, signal));
  const [earlier, setEarlier] = useState<CallsAnswer & { readonly key: string }>({ key, calls: [] });
  const more: CallsAnswer = earlier.key === key ? earlier : { calls: [] };
  const next = more.calls.length > 0 ? more.next : loaded.value?.next;
  const loadMore = async (): Promise<void> => {
    const page = await loadCalls({ filters, span, search: text, limit: maxPageRows, before: next });
    setEarlier({ key, ...page, calls: [...more.calls, ...page.calls] });
  };
  return {
    loaded,
    calls: [...(loaded.value?.calls ?? []), ...more.calls],
    loadMore: next === undefined ? undefined : () => void loadMore().catch(loaded.reload),
  };
}

/** What is typed, once it has rested. */
function useDelayed(text: string): string {
  const [rested, setRested] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setRested(text), 250);
    return () => clearTimeout(timer);
  }, [text]);
  return rested;
}

function Rows({ found, isSearch }: { readonly found: readonly CallRecord[]; readonly isSearch: boolean }) {
  const { search } = usePlace();
  if (found.length > 0) return <CallRows calls={found} now={Date.now()} />;
  if (isSearch) return <Empty title="No call of this span has these words." />;
  if (filtersOf(search).length > 0) return <Empty title="No call of this span passes the filters." />;
  return <NoTraffic what="Calls appear here as they are made." />;
}

/** Live calls come first; one that was loaded meanwhile is not shown twice. */
function joined(fresh: readonly CallRecord[], loaded: readonly CallRecord[]): readonly CallRecord[] {
  const known = new Set(loaded.map(({ id }) => id));
  return [...fresh.filter(({ id }) => !known.has(id)), ...loaded].toSorted((left, right) => (left.id < right.id ? 1 : -1));
}

interface Live {
  readonly calls: readonly CallRecord[];
  readonly isConnected: boolean;
  /** Calls held back while paused. */
  readonly waiting: number;
}

/** Calls as they are recorded, drawn together once a frame. While paused they wait. */
function useLive(isPaused: boolean): Live {
  const [calls, setCalls] = useState<readonly CallRecord[]>([]);
  const [isConnected, setConnected] = useState(false);
  const [waiting, setWaiting] = useState(0);
  const held = useRef<CallRecord[]>([]);
  const paused = useRef(isPaused);
  const flush = useRef(() => {});
  flush.current = () => {
    const next = held.current.splice(0);
    if (next.length > 0) setCalls((before) => [...next.toReversed(), ...before].slice(0, maxLive));
    setWaiting(0);
  };
  useEffect(() => {
    let frame = 0;
    const stop = followCalls((call) => {
      held.current.push(call);
      if (held.current.length > maxLive) held.current.shift();
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(() => (paused.current ? setWaiting(held.current.length) : flush.current()));
    }, setConnected);
    return () => {
      cancelAnimationFrame(frame);
      stop();
    };
  }, []);
  useEffect(() => {
    paused.current = isPaused;
    if (!isPaused) flush.current();
  }, [isPaused]);
  return { calls, isConnected, waiting };
}
