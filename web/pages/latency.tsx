import type { Measure } from '../../src/analytics/query.ts';
import { written } from '../api/measures.ts';
import { figuresIn, useQuery, type Figures } from '../api/use-query.ts';
import { MeasureLines } from '../charts/measure-lines.tsx';
import { duration } from '../format/time.ts';
import { Breakdown } from '../parts/breakdown.tsx';
import { FilterChips } from '../parts/filters.tsx';
import { Page, Section } from '../parts/page.tsx';
import { RangeChoice } from '../parts/range.tsx';
import { StackedTime } from '../parts/stacked-time.tsx';
import { NoTraffic, Shown } from '../parts/states.tsx';
import { Tile } from '../parts/tile.tsx';
import { exploreLink } from '../state/explore.ts';
import { filtersOf } from '../state/filters.ts';
import { usePlace } from '../state/location.ts';
import { useSpan } from '../state/use-span.ts';

const measures = [
  'calls',
  'latencyP50Ms',
  'latencyP95Ms',
  'latencyP99Ms',
  'firstByteP50Ms',
  'firstByteP95Ms',
  'gatewayMeanMs',
  'tokensPerSecond',
] as const satisfies readonly Measure[];

const columns = ['calls', 'gatewayMeanMs', 'firstByteP50Ms', 'firstByteP95Ms', 'latencyP50Ms', 'latencyP95Ms', 'tokensPerSecond'] as const;

/** How long calls take, and on what the time goes. */
export default function Latency() {
  const { search } = usePlace();
  const { span } = useSpan();
  const answer = useQuery({ measures, filters: filtersOf(search), ...span });
  const figures = answer.value && figuresIn(measures, answer.value.totals);
  return (
    <Page name="Latency" lead={figures ? leadOf(figures) : <>&nbsp;</>} tools={<RangeChoice />}>
      <FilterChips />
      {figures?.number('calls') === 0 ? (
        <NoTraffic what="This page shows how long calls take, and how much of that is the gateway's." />
      ) : (
        <>
          <Shown loaded={answer}>{() => <Typical figures={figures!} />}</Shown>
          <MeasureLines title="Latency over time" measures={['latencyP50Ms', 'latencyP95Ms', 'firstByteP50Ms']} />
          <Section title="By model">
            <Breakdown by="model" measures={columns} />
          </Section>
          <Section title="By provider">
            <Breakdown by="provider" measures={columns} />
          </Section>
        </>
      )}
    </Page>
  );
}

function leadOf(figures: Figures): string {
  if (figures.number('calls') === 0) return 'No call was timed in this span.';
  const [half, most, own] = (['latencyP50Ms', 'latencyP95Ms', 'gatewayMeanMs'] as const).map((measure) =>
    duration(figures.number(measure)),
  );
  return `Half of all calls end within ${half}, 19 of 20 within ${most}; ${own} of that is the gateway's own.`;
}

const tiles = [
  ['Whole call, median', 'latencyP50Ms'],
  ['p95', 'latencyP95Ms'],
  ['p99', 'latencyP99Ms'],
  ['First byte, p95', 'firstByteP95Ms'],
  ['Speed of streams', 'tokensPerSecond'],
] as const;

function Typical({ figures }: { readonly figures: Figures }) {
  const { search } = usePlace();
  const gateway = figures.number('gatewayMeanMs') ?? 0;
  const first = figures.number('firstByteP50Ms');
  const whole = figures.number('latencyP50Ms') ?? 0;
  return (
    <>
      <div className="tiles">
        {tiles.map(([name, measure]) => (
          <Tile
            key={measure}
            name={name}
            value={written(measure, figures.value(measure))}
            href={exploreLink(search, { measure, by: 'model' })}
          />
        ))}
      </div>
      <Section title="A typical call">
        <StackedTime
          parts={[
            { name: 'In the gateway', ms: gateway, color: 'var(--series-3)' },
            { name: 'To the first byte', ms: Math.max(0, (first ?? whole) - gateway), color: 'var(--kind-cache-read)' },
            { name: 'Reply', ms: first === null ? 0 : Math.max(0, whole - first), color: 'var(--series-0)' },
          ]}
        />
        <p className="quiet small">Medians of all calls, and the mean of the gateway. Waiting for a provider is in the first byte.</p>
      </Section>
    </>
  );
}
