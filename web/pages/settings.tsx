import { useState } from 'react';
import { get } from '../api/client.ts';
import type { Status } from '../api/status.ts';
import { useLoaded } from '../api/use-loaded.ts';
import { wholeCount } from '../format/count.ts';
import { duration } from '../format/time.ts';
import { linesWith, yamlOf, type Plain } from '../format/yaml.ts';
import { Page, Section } from '../parts/page.tsx';
import { Shown } from '../parts/states.tsx';
import { Table } from '../parts/table.tsx';

export default function Settings() {
  const status = useLoaded('status', (signal) => get<Status>('/api/status', signal), 5000);
  const config = useLoaded('config', (signal) => get<Plain>('/api/config', signal));
  return (
    <Page name="Settings" lead={status.value ? leadOf(status.value) : <>&nbsp;</>}>
      <Shown loaded={status}>{(value) => <Health status={value} />}</Shown>
      <Shown loaded={config}>{(value) => <Providers config={value} />}</Shown>
      <Section title="Configuration in effect" aside={<span className="quiet">defaults included, secrets masked</span>}>
        <Shown loaded={config}>{(value) => <Configuration text={yamlOf(value)} />}</Shown>
      </Section>
    </Page>
  );
}

/** All of it, or the lines that hold some words with those they stand under. */
function Configuration({ text }: { readonly text: string }) {
  const [words, setWords] = useState('');
  return (
    <>
      <div className="toolbar">
        <input
          type="search"
          aria-label="Find an option"
          placeholder="Find an option"
          value={words}
          onChange={({ target }) => setWords(target.value)}
        />
        <span className="quiet small">docs/reference/config.md explains each of them.</span>
      </div>
      <pre className="config" tabIndex={0} aria-label="Configuration" role="region">
        {linesWith(text, words) || 'No option has these words.'}
      </pre>
    </>
  );
}

interface ProviderShown {
  readonly protocol?: string;
  readonly baseUrl?: string;
  readonly apiKey?: string;
}

function Providers({ config }: { readonly config: Plain }) {
  const { providers = {} } = config as { readonly providers?: Readonly<Record<string, ProviderShown>> };
  const rows = Object.entries(providers);
  if (rows.length === 0) return null;
  return (
    <Section title="Providers">
      <Table
        label="Providers"
        rows={rows}
        keyOf={([name]) => name}
        columns={[
          { name: 'Provider', cell: ([name]) => name, value: ([name]) => name },
          { name: 'Protocol', cell: ([, { protocol }]) => protocol, value: ([, { protocol = '' }]) => protocol },
          { name: 'Address', cell: ([, { baseUrl }]) => baseUrl, value: ([, { baseUrl = '' }]) => baseUrl },
          { name: 'Key', cell: ([, { apiKey }]) => (apiKey === undefined ? 'the client’s own' : `set, ${apiKey}`) },
        ]}
      />
    </Section>
  );
}

function leadOf({ ledger, state, deployments }: Status): string {
  const open = Object.values(deployments).filter(({ breaker }) => breaker !== 'closed').length;
  if (!ledger.ok) return `The ledger does not keep up: ${ledger.lastError ?? 'see the log'}.`;
  if (state.fault) return `The store of keys and budgets is away: ${state.fault}.`;
  return open === 0
    ? 'All is well.'
    : `${open === 1 ? '1 deployment is' : `${open} deployments are`} not asked: too many calls failed there.`;
}

function Health({ status }: { readonly status: Status }) {
  const { version, uptimeSeconds, inFlight, rssBytes, ledger, state, deployments } = status;
  const facts = [
    ['Version', version],
    ['Up for', duration(uptimeSeconds * 1000)],
    ['Requests in flight', wholeCount(inFlight)],
    ['Memory', `${Math.round(rssBytes / 2 ** 20)} MiB`],
    ['Records written', wholeCount(ledger.appended ?? 0)],
    ['Records dropped', wholeCount(ledger.dropped ?? 0)],
    ['State engine', state.engine],
  ] as const;
  const rows = Object.entries(deployments);
  return (
    <>
      <Section title="Health">
        <dl className="facts">
          {facts.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      </Section>
      {rows.length > 0 && (
        <Section title="Deployments">
          <Table
            label="Deployments"
            rows={rows}
            keyOf={([name]) => name}
            columns={[
              { name: 'Deployment', cell: ([name]) => name, value: ([name]) => name },
              {
                name: 'Breaker',
                cell: ([, { breaker }]) => <span className={breaker === 'closed' ? 'mark' : 'mark bad'}>{breaker}</span>,
                value: ([, { breaker }]) => breaker,
              },
              { name: 'Pause', cell: ([, { isCooling }]) => (isCooling ? 'asked for' : '') },
              { name: 'In flight', isFigure: true, cell: ([, one]) => one.inFlight, value: ([, one]) => one.inFlight },
              {
                name: 'First byte, streams',
                isFigure: true,
                cell: ([, one]) => duration(one.streamLatencyMs),
                value: ([, one]) => one.streamLatencyMs,
              },
              { name: 'First byte, others', isFigure: true, cell: ([, one]) => duration(one.latencyMs), value: ([, one]) => one.latencyMs },
            ]}
          />
        </Section>
      )}
    </>
  );
}
