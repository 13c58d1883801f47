import type { LanguageRow } from '../../src/analytics/languages.ts';
import { get } from '../api/client.ts';
import { useLoaded } from '../api/use-loaded.ts';
import { Bars } from '../charts/bars.tsx';
import { count, percent, wholeCount } from '../format/count.ts';
import { coarseMoney, money } from '../format/money.ts';
import { Copyable } from '../parts/copyable.tsx';
import { FilterChips } from '../parts/filters.tsx';
import { Link } from '../parts/link.tsx';
import { Page, Section } from '../parts/page.tsx';
import { RangeChoice } from '../parts/range.tsx';
import { NoTraffic, Shown } from '../parts/states.tsx';
import { Table } from '../parts/table.tsx';
import { callsLink } from '../state/explore.ts';
import { filterText, filtersOf } from '../state/filters.ts';
import { usePlace } from '../state/location.ts';
import { useSpan } from '../state/use-span.ts';

interface LanguagesAnswer {
  readonly languages: readonly LanguageRow[];
}

const names = new Intl.DisplayNames('en', { type: 'language' });
const nameOf = (code: string | null): string => (code === null ? 'not known' : (names.of(code) ?? code));

/** USD that would not be spent were all of it English; `null`: unknown. */
const surcharge = ({ costUsd, dueToLanguage }: LanguageRow): number | null =>
  costUsd === null || dueToLanguage === null ? null : Number(costUsd) * dueToLanguage;

/** What languages cost: the same content takes more tokens in some than in others. */
export default function Languages() {
  const { search } = usePlace();
  const { span } = useSpan();
  const asked = new URLSearchParams(filtersOf(search).map((filter) => ['filter', filterText(filter)]));
  if (span.from !== undefined) asked.set('from', String(span.from));
  if (span.to !== undefined) asked.set('to', String(span.to));
  const answer = useLoaded(`languages ${asked}`, (signal) => get<LanguagesAnswer>(`/api/languages?${asked}`, signal), 30_000);
  return (
    <Page name="Languages" lead={answer.value ? leadOf(answer.value.languages) : <>&nbsp;</>} tools={<RangeChoice />}>
      <FilterChips />
      <Shown loaded={answer}>{({ languages }) => <Body rows={languages} />}</Shown>
    </Page>
  );
}

function leadOf(rows: readonly LanguageRow[]): string {
  const known = rows.filter(({ language }) => language !== null);
  if (known.length === 0) return 'No call of this span has a known language.';
  const due = rows.reduce((sum, row) => sum + (surcharge(row) ?? 0), 0);
  const most = known.toSorted((left, right) => (surcharge(right) ?? 0) - (surcharge(left) ?? 0))[0]!;
  if (due === 0) return `${nameOf(most.language)} only: no language costs more than English here.`;
  return `About ${coarseMoney(due)} is due to languages that take more tokens than English, most of it to ${nameOf(most.language)}.`;
}

function Body({ rows }: { readonly rows: readonly LanguageRow[] }) {
  if (rows.every(({ calls }) => calls === 0))
    return <NoTraffic what="This page shows which languages people speak, and what that costs in tokens." />;
  return (
    <>
      {rows.some(({ language }) => language !== null) && (
        <>
          <Section title="Due to the language">
            <Surcharges rows={rows} />
          </Section>
          <Section title="By language">
            <LanguageTable rows={rows} />
          </Section>
        </>
      )}
      {rows.every(({ language }) => language === null) && <HowToKnow />}
      <p className="quiet small">
        The factor is measured on the same 240 paragraphs in each language. A text of another kind may differ by a tenth or so, so the sums
        are estimates.
      </p>
    </>
  );
}

function Surcharges({ rows }: { readonly rows: readonly LanguageRow[] }) {
  const { search } = usePlace();
  const known = rows.flatMap((row) => {
    const value = surcharge(row);
    return value === null ? [] : [{ row, value }];
  });
  return (
    <Bars
      label="Money that is due to the language"
      bars={known
        .toSorted((left, right) => right.value - left.value)
        .map(({ row, value }) => ({
          name: nameOf(row.language),
          value,
          text: `${money(value)}, ${percent(row.dueToLanguage)} of its cost`,
          href: callsLink(search, 'language', row.language),
        }))}
    />
  );
}

const HowToKnow = () => (
  <div className="empty">
    <p className="quiet">
      The language of what users say is noted from the next call on, when the configuration says so. It is not sent anywhere.
    </p>
    <Copyable text={'insight:\n  language: true'} label="setting that notes languages" />
  </div>
);

function LanguageTable({ rows }: { readonly rows: readonly LanguageRow[] }) {
  const { search } = usePlace();
  return (
    <Table
      label="Tokens and cost by language"
      file="languages"
      rows={rows}
      keyOf={({ language }) => language ?? ''}
      columns={[
        {
          name: 'Language',
          cell: ({ language }) => <Link href={callsLink(search, 'language', language)}>{nameOf(language)}</Link>,
          value: ({ language }) => nameOf(language),
        },
        { name: 'Calls', isFigure: true, cell: ({ calls }) => wholeCount(calls), value: ({ calls }) => calls },
        { name: 'Tokens', isFigure: true, cell: ({ totalTokens }) => count(totalTokens), value: ({ totalTokens }) => totalTokens },
        {
          name: 'Against English',
          isFigure: true,
          cell: ({ factor }) => (factor === null ? 'unknown' : `${factor.toFixed(2)}x`),
          value: ({ factor }) => factor,
        },
        {
          name: 'In English, about',
          isFigure: true,
          cell: ({ englishTokens }) => count(englishTokens),
          value: ({ englishTokens }) => englishTokens,
        },
        {
          name: 'Cost',
          isFigure: true,
          cell: ({ costUsd }) => money(costUsd),
          value: ({ costUsd }) => (costUsd === null ? null : Number(costUsd)),
        },
        { name: 'Due to the language', isFigure: true, cell: (row) => money(surcharge(row)), value: surcharge },
        {
          name: 'Share',
          isFigure: true,
          cell: ({ dueToLanguage }) => percent(dueToLanguage),
          value: ({ dueToLanguage }) => dueToLanguage,
        },
      ]}
    />
  );
}
