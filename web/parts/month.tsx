import type { Answer } from '../../src/analytics/query.ts';
import type { Loaded } from '../api/use-loaded.ts';
import { ChartFrame } from '../charts/frame.tsx';
import { MonthChart } from '../charts/month-chart.tsx';
import { coarseMoney, money } from '../format/money.ts';
import type { MonthView } from '../state/use-month.ts';
import { chartHeightPx, Shown } from './states.tsx';
import { Table } from './table.tsx';

interface MonthProps {
  readonly loaded: Loaded<Answer>;
  readonly month: MonthView | undefined;
}

/** The month so far, its forecast, and the budget it is held against. */
export function Month({ loaded, month }: MonthProps) {
  return (
    <Shown loaded={loaded} heightPx={chartHeightPx}>
      {() => month && <Figured month={month} />}
    </Shown>
  );
}

function Figured({ month: { starts, daily, spent, days, expected, budget } }: { readonly month: MonthView }) {
  const held =
    budget === undefined
      ? 'There is no budget for the month.'
      : `The budget is ${coarseMoney(budget)}${expected.expected > budget ? ', and will be passed.' : '.'}`;
  const summary = `About ${coarseMoney(expected.expected)} by the end of the month, likely ${coarseMoney(expected.low)} to ${coarseMoney(expected.high)}. ${held}`;
  const rows = starts.map((time, at) => ({ time, cost: daily[at]!, sum: spent[at]! }));
  return (
    <ChartFrame
      title="This month and its forecast"
      summary={summary}
      table={
        <Table
          label="This month by day"
          file="month"
          rows={rows}
          keyOf={({ time }) => String(time)}
          columns={[
            { name: 'Day', cell: ({ time }) => new Date(time).toLocaleDateString('en-GB', { day: 'numeric', month: 'short' }) },
            { name: 'Cost', isFigure: true, cell: ({ cost }) => money(cost), value: ({ cost }) => cost },
            { name: 'So far', isFigure: true, cell: ({ sum }) => money(sum), value: ({ sum }) => sum },
          ]}
        />
      }
    >
      <MonthChart label={`Cost of the month. ${summary}`} spent={spent} days={days} forecast={expected} budget={budget} />
    </ChartFrame>
  );
}
