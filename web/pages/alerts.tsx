import { useState } from 'react';
import type { ChannelHealth } from '../../src/alerts/delivery.ts';
import type { AlertMessage } from '../../src/alerts/message.ts';
import type { AlertsAnswer, AlertView } from '../../src/compose/alerts.ts';
import { get } from '../api/client.ts';
import { useLoaded } from '../api/use-loaded.ts';
import { wholeCount } from '../format/count.ts';
import { absolute, relative } from '../format/time.ts';
import { AlertTable } from '../parts/alert-table.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { NewAlert } from '../parts/new-alert.tsx';
import { Page, Section } from '../parts/page.tsx';
import { StandsOut } from '../parts/stands-out.tsx';
import { Empty, Shown } from '../parts/states.tsx';
import { Table } from '../parts/table.tsx';

const refreshMs = 10_000;

export default function Alerts() {
  const loaded = useLoaded('alerts', (signal) => get<AlertsAnswer>('/api/alerts', signal), refreshMs);
  const history = useLoaded(
    'alert history',
    (signal) => get<{ readonly messages: readonly AlertMessage[] }>('/api/alerts/history', signal),
    refreshMs,
  );
  const [isNew, setNew] = useState(false);
  const add = (
    <button type="button" className="button primary" onClick={() => setNew(true)}>
      New alert
    </button>
  );
  const made = (): void => {
    setNew(false);
    loaded.reload();
  };
  return (
    <Page name="Alerts" lead={loaded.value ? leadOf(loaded.value.alerts) : <>&nbsp;</>} tools={add}>
      <Section title="Now">
        <StandsOut />
      </Section>
      <Shown loaded={loaded}>
        {({ alerts, channels }) => (
          <>
            <Section title="What is watched">
              <AlertTable alerts={alerts} onChange={loaded.reload} />
            </Section>
            <Section title="Channels">
              <Channels channels={channels} />
            </Section>
            {isNew && (
              <Dialog title="New alert" onClose={() => setNew(false)}>
                <NewAlert channels={[...new Set(['log', ...channels.map(({ channel }) => channel)])]} onMade={made} />
              </Dialog>
            )}
          </>
        )}
      </Shown>
      <Section title="What was told">
        <Shown loaded={history}>{({ messages }) => <Messages messages={messages} />}</Shown>
      </Section>
    </Page>
  );
}

function leadOf(alerts: readonly AlertView[]): string {
  const firing = alerts.filter(({ states }) => states.some(({ phase }) => phase === 'firing'));
  const [one] = firing;
  if (alerts.length === 0) return 'Nothing is watched.';
  if (!one) return `${alerts.length} ${alerts.length === 1 ? 'alert is' : 'alerts are'} set, and none of them stands.`;
  return firing.length === 1 ? `${one.name} stands.` : `${firing.length} of ${alerts.length} alerts stand.`;
}

function Channels({ channels }: { readonly channels: readonly ChannelHealth[] }) {
  return (
    <Table
      label="Channels of alerts"
      rows={channels}
      keyOf={({ channel }) => channel}
      columns={[
        { name: 'Channel', cell: ({ channel }) => channel, value: ({ channel }) => channel },
        { name: 'Type', cell: ({ type }) => type },
        { name: 'Delivered', isFigure: true, cell: ({ delivered }) => wholeCount(delivered), value: ({ delivered }) => delivered },
        { name: 'Waiting', isFigure: true, cell: ({ waiting }) => wholeCount(waiting), value: ({ waiting }) => waiting },
        {
          name: 'Given up',
          isFigure: true,
          cell: ({ failed, dropped }) => wholeCount(failed + dropped),
          value: ({ failed, dropped }) => failed + dropped,
        },
        { name: 'Last error', cell: ({ lastError }) => lastError ?? <span className="quiet">none</span> },
      ]}
    />
  );
}

function Messages({ messages }: { readonly messages: readonly AlertMessage[] }) {
  if (messages.length === 0) return <Empty title="Nothing was told yet." />;
  return (
    <Table
      label="Messages"
      file="alert-messages"
      rows={messages}
      keyOf={({ id, kind, at }) => `${id} ${kind} ${at}`}
      columns={[
        {
          name: 'Time',
          cell: ({ at }) => <span title={absolute(Date.parse(at))}>{relative(Date.parse(at), Date.now())}</span>,
          value: ({ at }) => at,
        },
        { name: 'Alert', cell: ({ alert, subject }) => (subject === 'all' ? alert : `${alert}, ${subject}`), value: ({ alert }) => alert },
        {
          name: 'Kind',
          cell: ({ kind }) => <span className={kind === 'fired' ? 'mark bad' : 'mark'}>{kind}</span>,
          value: ({ kind }) => kind,
        },
        { name: 'Says', cell: ({ text }) => <span title={text}>{text}</span>, value: ({ text }) => text },
      ]}
    />
  );
}
