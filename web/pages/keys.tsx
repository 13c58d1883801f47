import { useState } from 'react';
import type { KeyView } from '../../src/keys/view.ts';
import { get, post } from '../api/client.ts';
import { useLoaded } from '../api/use-loaded.ts';
import { absolute, relative } from '../format/time.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Link } from '../parts/link.tsx';
import { NewKey, Secret } from '../parts/new-key.tsx';
import { Page } from '../parts/page.tsx';
import { Empty, Fault, Shown } from '../parts/states.tsx';
import { Table } from '../parts/table.tsx';
import { useAct } from '../parts/use-act.ts';

interface Keys {
  readonly keys: readonly KeyView[];
}

export default function KeysPage() {
  const loaded = useLoaded('keys', (signal) => get<Keys>('/api/keys', signal));
  const [isNew, setNew] = useState(false);
  const add = (
    <button type="button" className="button primary" onClick={() => setNew(true)}>
      New key
    </button>
  );
  return (
    <Page name="Keys" lead={loaded.value ? leadOf(loaded.value.keys) : <>&nbsp;</>} tools={add}>
      <Shown loaded={loaded}>{({ keys }) => (keys.length === 0 ? <NoKeys /> : <KeyTable keys={keys} onChange={loaded.reload} />)}</Shown>
      {isNew && (
        <Dialog title="New key" onClose={() => setNew(false)}>
          <NewKey onMade={loaded.reload} />
        </Dialog>
      )}
    </Page>
  );
}

function leadOf(keys: readonly KeyView[]): string {
  const active = keys.filter(({ state }) => state === 'active').length;
  if (keys.length === 0) return 'There are no keys: this machine may call without one.';
  return `${active} ${active === 1 ? 'key is' : 'keys are'} active, ${keys.length - active} not any more.`;
}

const NoKeys = () => (
  <Empty title="No key yet." command="npm run -s modicum -- keys create my-app --budget-usd 50">
    <p className="quiet">
      A key stands for a client: with labels, scopes, limits and a budget of its own. From the first one on every call needs one.
    </p>
  </Empty>
);

type Asked = { readonly act: 'rotate' | 'revoke'; readonly key: KeyView };

function KeyTable({ keys, onChange }: { readonly keys: readonly KeyView[]; readonly onChange: () => void }) {
  const [asked, setAsked] = useState<Asked>();
  return (
    <>
      <Table
        label="Keys"
        file="keys"
        rows={keys}
        keyOf={({ id }) => id}
        columns={[
          { name: 'Name', cell: ({ name, id }) => <Link href={`/ui/calls?f=key:${id}`}>{name}</Link>, value: ({ name }) => name },
          {
            name: 'State',
            cell: ({ state }) => <span className={state === 'active' ? 'mark on' : 'mark'}>{state}</span>,
            value: ({ state }) => state,
          },
          { name: 'Labels', cell: ({ labels }) => pairs(labels), text: ({ labels }) => pairs(labels) },
          { name: 'May use', cell: ({ scopes }) => pairs(scopes) || 'everything', text: ({ scopes }) => pairs(scopes) },
          { name: 'Budget', isFigure: true, cell: budgetOf, text: budgetOf },
          {
            name: 'Made',
            cell: ({ createdAt }) => <span title={absolute(createdAt)}>{relative(createdAt, Date.now())}</span>,
            value: ({ createdAt }) => createdAt,
          },
          {
            name: 'Expires',
            cell: ({ expiresAt }) => (expiresAt === undefined ? <span className="quiet">never</span> : relative(expiresAt, Date.now())),
            text: () => '',
          },
          {
            name: 'Change',
            cell: (key) =>
              key.state === 'revoked' ? null : (
                <>
                  <button
                    type="button"
                    className="button plain small"
                    aria-label={`Rotate ${key.name}`}
                    onClick={() => setAsked({ act: 'rotate', key })}
                  >
                    Rotate
                  </button>
                  <button
                    type="button"
                    className="button plain small"
                    aria-label={`Revoke ${key.name}`}
                    onClick={() => setAsked({ act: 'revoke', key })}
                  >
                    Revoke
                  </button>
                </>
              ),
            text: () => '',
          },
        ]}
      />
      {asked && <Confirm asked={asked} onClose={() => setAsked(undefined)} onDone={onChange} />}
    </>
  );
}

const pairs = (object: object | undefined): string =>
  Object.entries(object ?? {})
    .map(([name, value]) => `${name} ${Array.isArray(value) ? value.join(' ') : String(value)}`)
    .join(', ');

function budgetOf({ budget }: KeyView): string {
  if (!budget) return 'none';
  const amounts = [
    ...(budget.usd === undefined ? [] : [`$${budget.usd}`]),
    ...(budget.tokens === undefined ? [] : [`${budget.tokens} tokens`]),
  ];
  return `${amounts.join(', ')} ${budget.window}`;
}

interface ConfirmProps {
  readonly asked: Asked;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

function Confirm({ asked: { act, key }, onClose, onDone }: ConfirmProps) {
  const { run, error, isBusy } = useAct();
  const [issued, setIssued] = useState<Parameters<typeof Secret>[0]['issued']>();
  const sure = (): void =>
    run(async () => {
      const path = `/api/keys/${encodeURIComponent(key.id)}/${act}`;
      if (act === 'rotate') setIssued(await post(path, {}));
      else await post(path, {}).then(onClose);
      onDone();
    });
  return (
    <Dialog title={act === 'rotate' ? `Rotate ${key.name}` : `Revoke ${key.name}`} onClose={onClose}>
      {issued ? (
        <Secret issued={issued} />
      ) : (
        <>
          <p>
            {act === 'rotate' ? 'It gets a new secret; the former one goes on for a day.' : 'Its calls are refused from now on, for good.'}
          </p>
          {error && <Fault error={error} />}
          <div>
            <button type="button" className="button primary" disabled={isBusy} onClick={sure}>
              {act === 'rotate' ? 'Make a new secret' : 'Revoke for good'}
            </button>
          </div>
        </>
      )}
    </Dialog>
  );
}
