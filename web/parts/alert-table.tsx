import type { AlertView } from '../../src/compose/alerts.ts';
import { post, remove } from '../api/client.ts';
import { conditionText } from '../format/alert-text.ts';
import { absolute, relative } from '../format/time.ts';
import { Fault } from './states.tsx';
import { Table } from './table.tsx';
import { useAct } from './use-act.ts';
import { useState } from 'react';

interface Tested {
  readonly channels: readonly { readonly channel: string; readonly error: string | null }[];
}

interface AlertTableProps {
  readonly alerts: readonly AlertView[];
  readonly onChange: () => void;
}

/** Each alert, whether it stands, and what can be done about it. */
export function AlertTable({ alerts, onChange }: AlertTableProps) {
  const { run, error } = useAct();
  const [said, setSaid] = useState('');
  const act = (alert: AlertView, what: 'test' | 'silence' | 'speak' | 'remove'): void =>
    run(async () => {
      const path = `/api/alerts/${encodeURIComponent(alert.name)}`;
      if (what === 'test') setSaid(testText(alert, await post<Tested>(`${path}/test`, {})));
      else if (what === 'remove') await remove(path);
      else await post(`${path}/silence`, { for: what === 'silence' ? '4h' : '0' });
      onChange();
    });
  return (
    <>
      {error && <Fault error={error} />}
      <p className="small" role="status">
        {said}
      </p>
      <Table
        label="Alerts"
        file="alerts"
        rows={alerts}
        keyOf={({ name }) => name}
        columns={[
          { name: 'Alert', cell: ({ name, link }) => <a href={inside(link)}>{name}</a>, value: ({ name }) => name },
          { name: 'When', isProse: true, cell: ({ when }) => conditionText(when), value: ({ when }) => conditionText(when) },
          { name: 'State', cell: (alert) => <State alert={alert} />, text: stateText },
          { name: 'Severity', cell: ({ severity }) => severity, value: ({ severity }) => severity },
          { name: 'To', cell: ({ to }) => to.join(', '), value: ({ to }) => to.join(', ') },
          { name: 'From', cell: ({ origin }) => (origin === 'api' ? 'here' : origin), value: ({ origin }) => origin },
          { name: 'Change', cell: (alert) => <Acts alert={alert} act={act} />, text: () => '' },
        ]}
      />
    </>
  );
}

/** Links of alerts name the gateway as messages do; here they stay with the address the visitor came by. */
const inside = (link: string): string => {
  const { pathname, search } = new URL(link);
  return pathname + search;
};

const testText = ({ name }: AlertView, { channels }: Tested): string =>
  `A test of ${name}: ${channels.map(({ channel, error }) => `${channel} ${error === null ? 'took it' : `failed, ${error}`}`).join('; ')}.`;

const firing = ({ states }: AlertView) => states.filter(({ phase }) => phase === 'firing');

const stateText = (alert: AlertView): string => (firing(alert).length > 0 ? 'firing' : alert.states.length > 0 ? 'pending' : 'quiet');

function State({ alert }: { readonly alert: AlertView }) {
  const { silencedUntil } = alert;
  const stands = firing(alert);
  return (
    <>
      {stands.length === 0 ? (
        <span className="mark">{stateText(alert)}</span>
      ) : (
        <span className="mark bad" title={stands.map(({ subject, sentence }) => `${subject}: ${sentence}`).join('\n')}>
          firing{stands.length > 1 ? `, ${stands.length}` : ''}
        </span>
      )}
      {silencedUntil !== null && (
        <span className="mark warn" title={absolute(Date.parse(silencedUntil))}>
          silent, ends {relative(Date.parse(silencedUntil), Date.now())}
        </span>
      )}
    </>
  );
}

interface ActsProps {
  readonly alert: AlertView;
  readonly act: (alert: AlertView, what: 'test' | 'silence' | 'speak' | 'remove') => void;
}

function Acts({ alert, act }: ActsProps) {
  const { name, origin, silencedUntil } = alert;
  const shown = [
    ['test', 'Test'],
    silencedUntil === null ? (['silence', 'Silence 4 h'] as const) : (['speak', 'Speak again'] as const),
    ...(origin === 'api' ? [['remove', 'Remove'] as const] : []),
  ] as const;
  return shown.map(([what, words]) => (
    <button key={what} type="button" className="button plain small" aria-label={`${words}: ${name}`} onClick={() => act(alert, what)}>
      {words}
    </button>
  ));
}
