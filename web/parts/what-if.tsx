import { useState } from 'react';
import type { WhatIf } from '../../src/catalog/what-if.ts';
import type { WhatIfAnswer } from '../../src/compose/dashboard.ts';
import { change } from '../format/count.ts';
import { nanoMoney } from '../format/money.ts';
import { Table } from './table.tsx';

const names: { readonly [K in WhatIf['kind']]: (row: WhatIf) => string } = {
  batch: ({ model }) => `${model}, as part of a batch`,
  uncached: ({ model }) => `${model}, without a prompt cache`,
  model: ({ model }) => model,
};

const shownFirst = 10;

interface WhatIfTableProps {
  readonly answer: WhatIfAnswer;
  /** Models that this gateway has asked before: they come first. */
  readonly used: ReadonlySet<string>;
}

/** What the same tokens would have cost otherwise: the same model otherwise, models in use, all others; the cheapest first. */
export function WhatIfTable({ answer: { cost, alternatives }, used }: WhatIfTableProps) {
  const [text, setText] = useState('');
  const [isWhole, setWhole] = useState(false);
  if (alternatives.length === 0) return <p className="quiet">No other price is known for what this call used.</p>;
  const words = text.toLowerCase();
  const ordered = alternatives.toSorted(
    (left, right) => rank(left, used) - rank(right, used) || (left.cost.total ?? 0) - (right.cost.total ?? 0),
  );
  const found = ordered.filter((row) => names[row.kind](row).toLowerCase().includes(words));
  const shown = isWhole || words !== '' ? found : found.slice(0, shownFirst);
  return (
    <>
      <div className="toolbar">
        <input
          type="search"
          aria-label="Find a model"
          placeholder="Find a model"
          value={text}
          onChange={({ target }) => setText(target.value)}
        />
        {found.length > shown.length && (
          <button type="button" className="button plain small" onClick={() => setWhole(true)}>
            Show all {found.length}
          </button>
        )}
      </div>
      <Table
        label="What it would cost otherwise"
        file="what-if"
        rows={shown}
        keyOf={({ kind, provider, model }) => `${kind} ${provider} ${model}`}
        columns={[
          { name: 'Instead', cell: (row) => names[row.kind](row), value: (row) => names[row.kind](row) },
          { name: 'Provider', cell: ({ provider }) => provider, value: ({ provider }) => provider },
          { name: 'Cost', isFigure: true, cell: (row) => nanoMoney(row.cost.total), value: (row) => row.cost.total },
          {
            name: 'Against this call',
            isFigure: true,
            cell: (row) => <Against now={row.cost.total} before={cost} />,
            value: (row) => (row.cost.total === null || cost === null ? null : row.cost.total - cost),
          },
        ]}
      />
      <p className="quiet small">
        The same token counts at other prices; other models cut text a little differently, and may answer at another length.
      </p>
    </>
  );
}

const rank = ({ kind, model }: WhatIf, used: ReadonlySet<string>): number => (kind !== 'model' ? 0 : used.has(model) ? 1 : 2);

function Against({ now, before }: { readonly now: number | null; readonly before: number | null }) {
  if (now === null || before === null) return <>unknown</>;
  return <span className={now > before ? 'bad' : now < before ? 'good' : 'quiet'}>{change(now, before)}</span>;
}
