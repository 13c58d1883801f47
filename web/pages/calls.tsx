import { useEffect, useRef, useState } from 'react';
import type { CallRecord } from '../../src/core/record.ts';
import { followCalls, loadCalls } from '../api/calls.ts';
import { useLoaded } from '../api/use-loaded.ts';
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
import { useSpan } from '../state/use-span.ts';

/** Rows loaded at once, and kept of the live ones at most. */
const pageRows = 200;
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
  const [limit, setLimit] = useState(pageRows);
  const { from, to } = span;
  const loaded = useLoaded(
    `calls ${JSON.stringify([filters, from === undefined ? 0 : Math.floor(from / 86_400_000), to, limit])}`,
    (signal) => loadCalls({ filters, span, limit }, signal),
  );
  const live = useLive(isPaused);
  const fresh = live.calls.filter((call) => matches(call, filters) && (to === undefined || call.at < to));
  const toggle = (): void => go(path + withParameters(search, { paused: isPaused ? undefined : '1' }), { replace: true });
  return (
    <Shown loaded={loaded}>
      {({ calls }) => {
        const all = joined(fresh, calls);
        const found = all.filter((call) => isFound(call, text));
        return (
          <>
            <div className="toolbar">
              <input
                type="search"
                aria-label="Search in the rows"
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
            <Rows all={all} found={found} now={Date.now()} />
            {calls.length === limit && (
              <div>
                <button type="button" className="button" onClick={() => setLimit(limit + pageRows * 4)}>
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

interface RowsProps {
  readonly all: readonly CallRecord[];
  readonly found: readonly CallRecord[];
  readonly now: number;
}

function Rows({ all, found, now }: RowsProps) {
  const { search } = usePlace();
  if (found.length > 0) return <CallRows calls={found} now={now} />;
  if (all.length > 0) return <Empty title="No row has these words." />;
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
