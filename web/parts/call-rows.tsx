import { useEffect, useRef, useState, type KeyboardEvent } from 'react';
import type { CallRecord } from '../../src/core/record.ts';
import { nanoMoney } from '../format/money.ts';
import { absolute, duration, moment, relative } from '../format/time.ts';
import { go } from '../state/location.ts';
import { CallMarks } from './call-marks.tsx';
import { FiveBar } from './five-bar.tsx';
import { byKind, sumOf } from './kinds.ts';
import { Link } from './link.tsx';

const rowHeight = 32;
/** Rows kept above and below what is seen. */
const overscan = 12;

interface CallRowsProps {
  readonly calls: readonly CallRecord[];
  readonly now: number;
}

/** Calls in rows of equal height. Only those in view are there; j and k move, Enter opens. */
export function CallRows({ calls, now }: CallRowsProps) {
  const frame = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(640);
  const [chosen, setChosen] = useState<string>();
  useEffect(() => setHeight(frame.current?.clientHeight ?? 640), []);
  const first = Math.max(0, Math.floor(top / rowHeight) - overscan);
  const last = Math.min(calls.length, Math.ceil((top + height) / rowHeight) + overscan);
  const largest = Math.max(1, ...calls.map(({ buckets }) => sumOf(byKind(buckets))));
  const at = calls.findIndex(({ id }) => id === chosen);
  const choose = (index: number): void => {
    const call = calls[Math.max(0, Math.min(calls.length - 1, index))];
    if (!call) return;
    setChosen(call.id);
    const y = calls.indexOf(call) * rowHeight;
    if (y < top || y > top + height - 2 * rowHeight) frame.current?.scrollTo({ top: Math.max(0, y - height / 2) });
  };
  const steer = (event: KeyboardEvent): void => {
    const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key];
    if (step !== undefined) choose(at + step);
    else if (event.key === 'Enter' && at !== -1 && event.target === event.currentTarget) go(`/ui/calls/${calls[at]!.id}`);
    else return;
    event.preventDefault();
  };
  return (
    <div
      className="table-frame live-frame"
      ref={frame}
      role="region"
      aria-label="Calls. J and K move between rows, Enter opens one."
      tabIndex={0}
      onKeyDown={steer}
      onScroll={({ currentTarget }) => setTop(currentTarget.scrollTop)}
    >
      <table className="table live" aria-rowcount={calls.length + 1}>
        <thead>
          <tr aria-rowindex={1}>
            <th scope="col">Time</th>
            <th scope="col" className="figure">
              Cost
            </th>
            <th scope="col">App</th>
            <th scope="col">Model</th>
            <th scope="col" className="wide">
              Tokens
            </th>
            <th scope="col" className="figure">
              First byte
            </th>
            <th scope="col" className="figure">
              Whole
            </th>
            <th scope="col">Marks</th>
          </tr>
        </thead>
        <tbody>
          {first > 0 && <Spacer rows={first} />}
          {calls.slice(first, last).map((call, index) => (
            <Row key={call.id} call={call} now={now} largest={largest} isChosen={call.id === chosen} index={first + index + 2} />
          ))}
          {last < calls.length && <Spacer rows={calls.length - last} />}
        </tbody>
      </table>
    </div>
  );
}

const Spacer = ({ rows }: { readonly rows: number }) => (
  <tr aria-hidden="true" className="spacer">
    <td colSpan={8} style={{ height: rows * rowHeight }} />
  </tr>
);

interface RowProps {
  readonly call: CallRecord;
  readonly now: number;
  readonly largest: number;
  readonly isChosen: boolean;
  readonly index: number;
}

function Row({ call, now, largest, isChosen, index }: RowProps) {
  const { id, at, labels, requestModel, model, buckets, cost, timeToFirstByteMs, durationMs } = call;
  const tokens = byKind(buckets);
  const when = now - at < 3_600_000 ? relative(at, now) : moment(at, now);
  return (
    <tr className={isChosen ? 'chosen' : undefined} aria-rowindex={index}>
      <td title={absolute(at)}>
        <Link href={`/ui/calls/${id}`} aria-label={`${when}, call of ${model}`}>
          {when}
        </Link>
      </td>
      <td className={cost.total === null ? 'figure warn' : 'figure'}>{nanoMoney(cost.total)}</td>
      <td className="long">
        {labels.app ?? <span className="quiet">not set</span>}
        {labels.feature !== undefined && <span className="quiet"> / {labels.feature}</span>}
      </td>
      <td className="long">
        {requestModel}
        {model !== requestModel && <span className="quiet"> → {model}</span>}
      </td>
      <td className="wide">
        <FiveBar tokens={tokens} share={Math.sqrt(sumOf(tokens) / largest)} />
      </td>
      <td className="figure">{timeToFirstByteMs === undefined ? '' : duration(timeToFirstByteMs)}</td>
      <td className="figure">{duration(durationMs)}</td>
      <td>
        <CallMarks call={call} />
      </td>
    </tr>
  );
}
