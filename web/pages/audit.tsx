import { useState, type DragEvent } from 'react';
import { count, percent, wholeCount } from '../format/count.ts';
import { nanoMoney } from '../format/money.ts';
import { Copyable } from '../parts/copyable.tsx';
import { Finding } from '../parts/finding.tsx';
import { FiveBar, FiveLegend } from '../parts/five-bar.tsx';
import { Page, Section } from '../parts/page.tsx';
import { Table } from '../parts/table.tsx';
import { maxReportBytes, readReport, type AuditReport } from '../state/audit-report.ts';

/** How to audit logs that are there already, and a reader of its reports. A report stays in this browser. */
export default function Audit() {
  const [report, setReport] = useState<AuditReport>();
  const [fault, setFault] = useState('');
  const take = (file: File | undefined): void => {
    if (!file) return;
    reportOf(file).then(
      (found) => {
        setReport(found);
        setFault('');
      },
      (error: unknown) => setFault(error instanceof Error ? error.message : String(error)),
    );
  };
  return (
    <Page name="Audit of logs" lead={report ? leadOf(report) : 'What did the logs you have already cost, and what of it was waste?'}>
      {report ? <Report report={report} /> : <HowTo />}
      <Drop onFile={take} hasReport={report !== undefined} />
      {fault !== '' && (
        <div className="fault" role="alert">
          {fault}
        </div>
      )}
    </Page>
  );
}

async function reportOf(file: File): Promise<AuditReport> {
  if (file.size > maxReportBytes) throw new RangeError(`${file.name} is larger than any report.`);
  return readReport(await file.text());
}

function leadOf({ totals: { all }, findings }: AuditReport): string {
  const [first] = findings;
  const cost = `${nanoMoney(all.cost)} in ${wholeCount(all.calls)} calls`;
  return first ? `${cost}; the dearest waste costs ${nanoMoney(first.saved)} of it.` : `${cost}, and no waste was found in them.`;
}

const sources = [
  ['Claude Code and Codex', 'npm run -s modicum -- audit ~/.claude/projects ~/.codex/sessions'],
  ['Requests, exports of usage, spans', 'npm run -s modicum -- audit requests.jsonl.gz usage.csv spans.json'],
  ['The ledger of this gateway', 'npm run -s modicum -- audit .modicum --since 7d'],
  ['A report for this page', 'npm run -s modicum -- audit ~/.claude/projects --json > audit.json'],
] as const;

const HowTo = () => (
  <div className="empty">
    <p className="quiet">
      The audit reads logs of agents, recorded requests and usage exports, prices them, and ranks what could be saved: cold caches, repeated
      calls, tools that are never called, stale results, loops. Nothing leaves the machine; texts are looked at and not kept.
    </p>
    {sources.map(([what, command]) => (
      <div key={what} className="section">
        <p className="small">{what}</p>
        <Copyable text={command} label={`command: ${what}`} />
      </div>
    ))}
    <p className="quiet small">docs/guide/audit.md says what can be read, and how each kind of waste is reckoned.</p>
  </div>
);

function Drop({ onFile, hasReport }: { readonly onFile: (file: File | undefined) => void; readonly hasReport: boolean }) {
  const [isOver, setOver] = useState(false);
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    setOver(false);
    onFile(event.dataTransfer.files[0]);
  };
  return (
    <div
      className={isOver ? 'drop over' : 'drop'}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <label>
        {hasReport ? 'Another report: drop it here, or choose it' : 'Drop audit.json here, or choose it'}{' '}
        <input type="file" accept=".json,application/json" onChange={({ target }) => onFile(target.files?.[0])} />
      </label>
      <p className="quiet small">It is read in this browser and sent nowhere.</p>
    </div>
  );
}

function Report({ report: { totals, findings, pricesAsOf } }: { readonly report: AuditReport }) {
  const largest = Math.max(...findings.map(({ saved }) => saved));
  return (
    <>
      <Section title="What could be saved" aside={<span className="quiet">prices as of {pricesAsOf}</span>}>
        <ol className="findings">
          {findings.map((finding, at) => (
            <Finding
              key={`${finding.kind} ${finding.app} ${finding.subject}`}
              saved={finding.saved / 1e9}
              largest={largest / 1e9}
              title={finding.title}
              about={[finding.app ?? 'no app', finding.subject, `${wholeCount(finding.calls)} calls`].join(', ')}
              marks={<span className="mark">{percent(totals.all.cost ? finding.saved / totals.all.cost : null)} of all</span>}
              lines={finding.terms.map(({ what, model, calls, nano, tokens: of }) => ({
                text: `${what} (${model})${of === 0 ? '' : `, ${count(of)} tokens`}`,
                calls,
                usd: nano / 1e9,
              }))}
              isOpen={at === 0}
            >
              <p>{finding.advice}</p>
              <p className="quiet small">Seen in {finding.evidence.join(', ')}.</p>
            </Finding>
          ))}
        </ol>
        <p className="quiet small">They can overlap, so do not add them up.</p>
      </Section>
      <Section title="Tokens by kind">
        <FiveBar tokens={totals.all} isBig />
        <FiveLegend tokens={totals.all} />
      </Section>
      <div className="columns">
        <Rows title="By model" rows={totals.byModel} />
        <Rows title="By app" rows={totals.byApp} />
      </div>
    </>
  );
}

const Rows = ({ title, rows }: { readonly title: string; readonly rows: AuditReport['totals']['byModel'] }) => (
  <Section title={title}>
    <Table
      label={title}
      file={`audit-${title.toLowerCase().replace(' ', '-')}`}
      rows={rows}
      keyOf={({ key }) => key ?? ''}
      columns={[
        { name: title.slice(3), cell: ({ key }) => key ?? 'not told', value: ({ key }) => key ?? '' },
        { name: 'Calls', isFigure: true, cell: ({ calls }) => wholeCount(calls), value: ({ calls }) => calls },
        { name: 'Cost', isFigure: true, cell: ({ cost }) => nanoMoney(cost), value: ({ cost }) => cost },
      ]}
    />
  </Section>
);
