import type { Recommendation, Recommendations } from '../../src/analytics/recommendation.ts';
import { wholeCount } from '../format/count.ts';
import { coarseMoney, money } from '../format/money.ts';
import { absolute, relative } from '../format/time.ts';
import { Copyable } from '../parts/copyable.tsx';
import { Finding } from '../parts/finding.tsx';
import { Link } from '../parts/link.tsx';
import { Page } from '../parts/page.tsx';
import { RangeChoice } from '../parts/range.tsx';
import { Fault, NoTraffic, Waiting } from '../parts/states.tsx';
import { usePlace } from '../state/location.ts';
import { monthly, useRecommendations } from '../state/recommendations.ts';
import { useSpan } from '../state/use-span.ts';

/** What to change next: sums of money with their arithmetic open. */
export default function RecommendationsPage() {
  const { span } = useSpan();
  const { value, error, reload } = useRecommendations(span);
  return (
    <Page
      name="Recommendations"
      lead={value ? leadOf(value) : error?.status === 404 ? 'This gateway works out no recommendations.' : <>&nbsp;</>}
      tools={<RangeChoice />}
    >
      {value ? (
        <Found found={value} />
      ) : error?.status === 404 ? (
        <NoneHere />
      ) : error ? (
        <Fault error={error} onRetry={reload} />
      ) : (
        <Waiting />
      )}
    </Page>
  );
}

function leadOf(found: Recommendations) {
  const [first] = found.recommendations;
  if (found.calls === 0) return 'There are no calls yet to learn from.';
  if (!first) return `Nothing to save was found in ${wholeCount(found.calls)} calls for ${coarseMoney(found.costUsd)}.`;
  const aMonth = monthly(first.savedUsd, found);
  const saves = aMonth === undefined ? coarseMoney(first.savedUsd) : `about ${coarseMoney(aMonth)} a month`;
  return (
    <>
      The dearest habit costs {saves}
      <span className="quiet">
        ; {wholeCount(found.recommendations.length)} to look at, in {wholeCount(found.calls)} calls for {coarseMoney(found.costUsd)}.
      </span>
    </>
  );
}

function Found({ found }: { readonly found: Recommendations }) {
  const { recommendations, calls, asOf, from, isCut, unpriced } = found;
  const opened = new URLSearchParams(usePlace().search).get('open');
  if (calls === 0) return <NoTraffic what="What to change next is worked out from your own calls, with the arithmetic." />;
  const largest = Math.max(...recommendations.map(({ savedUsd }) => Number(savedUsd)));
  return (
    <>
      <ol className="findings">
        {recommendations.map((each, at) => (
          <One
            key={each.id}
            recommendation={each}
            found={found}
            largest={largest}
            isOpen={opened === null ? at === 0 : opened === each.id}
          />
        ))}
      </ol>
      <p className="quiet small">
        Net of what a change costs in the prompt cache. They can overlap, so do not add them up. Worked out {relative(asOf, Date.now())}.
        {isCut && ` Only the newest calls were looked at, those since ${absolute(from)}.`}
        {unpriced > 0 && ` ${wholeCount(unpriced)} calls have no known price, and nothing is said about them.`}
      </p>
    </>
  );
}

interface OneProps {
  readonly recommendation: Recommendation;
  readonly found: Recommendations;
  readonly largest: number;
  readonly isOpen: boolean;
}

function One({ recommendation, found, largest, isOpen }: OneProps) {
  const { title, advice, calls, savedUsd, arithmetic, action } = recommendation;
  const aMonth = monthly(savedUsd, found);
  return (
    <Finding
      saved={Number(savedUsd)}
      largest={largest}
      title={title}
      about={`${wholeCount(calls)} calls`}
      marks={<Marks recommendation={recommendation} />}
      lines={arithmetic.map(({ text, calls: of, usd }) => ({ text, calls: of, usd: Number(usd) }))}
      isOpen={isOpen}
    >
      <p>
        {advice} {aMonth !== undefined && <span className="quiet">About {money(aMonth)} a month at this pace.</span>}
      </p>
      <p className="quiet small">{recommendation.confidence.why}</p>
      <Evidence recommendation={recommendation} />
      <p className="small">For the configuration; {action.guide} says more:</p>
      <Copyable text={action.config} label="lines of configuration" />
    </Finding>
  );
}

const Marks = ({ recommendation: { basis, confidence } }: { readonly recommendation: Recommendation }) => (
  <>
    <span className={basis === 'measured' ? 'mark on' : 'mark'} title={bases[basis]}>
      {basis}
    </span>
    <span className="mark" title={confidence.why}>
      {confidence.level} confidence
    </span>
  </>
);

const bases = {
  measured: 'Money that was paid for what the change leaves out.',
  estimated: 'It rests on a guess that the arithmetic names.',
} as const;

/** The dozen dearest calls would fill a line; some are enough to begin with. */
const shownCalls = 5;

const Evidence = ({ recommendation: { evidence } }: { readonly recommendation: Recommendation }) => (
  <p className="small row">
    <Link className="button small" href={inside(evidence.link)}>
      See the figures
    </Link>
    {evidence.calls.slice(0, shownCalls).map((id, at) => (
      <Link key={id} href={`/ui/calls/${id}`} title={id}>
        call {at + 1}
      </Link>
    ))}
  </p>
);

/** Links go to this dashboard and nowhere else. */
const inside = (link: string): string => (link.startsWith('/ui/') ? link : '/ui/explore');

const NoneHere = () => (
  <div className="empty">
    <p className="quiet">The same rules look at what the ledger holds from the command line, with the arithmetic:</p>
    <Copyable text="npm run -s modicum -- audit .modicum" />
  </div>
);
