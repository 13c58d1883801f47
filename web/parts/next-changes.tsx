import { Bars } from '../charts/bars.tsx';
import { money } from '../format/money.ts';
import { monthly, useRecommendations } from '../state/recommendations.ts';
import { kept } from '../state/explore.ts';
import { usePlace, withParameters } from '../state/location.ts';
import { useSpan } from '../state/use-span.ts';
import { Link } from './link.tsx';
import { Section } from './page.tsx';
import { Waiting } from './states.tsx';

const shown = 3;

/** The dearest habits, each a link to its arithmetic. Nothing where there are none. */
export function NextChanges() {
  const { search } = usePlace();
  const { span } = useSpan();
  const { value, error } = useRecommendations(span);
  if (error || value?.recommendations.length === 0) return null;
  if (!value)
    return (
      <Section title="What to change next">
        <Waiting heightPx={90} />
      </Section>
    );
  const page = `/ui/recommendations${kept(search)}`;
  return (
    <Section title="What to change next" aside={<Link href={page}>All {value.recommendations.length}</Link>}>
      <Bars
        label="The dearest habits"
        isWordy
        bars={value.recommendations.slice(0, shown).map(({ id, title, savedUsd }) => {
          const aMonth = monthly(savedUsd, value);
          return {
            name: title,
            value: Number(savedUsd),
            text: aMonth === undefined ? money(savedUsd) : `${money(aMonth)} a month`,
            href: `/ui/recommendations${withParameters(kept(search), { open: id })}`,
          };
        })}
      />
    </Section>
  );
}
