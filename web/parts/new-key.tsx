import { useState, type SyntheticEvent } from 'react';
import type { KeyView } from '../../src/keys/view.ts';
import { post } from '../api/client.ts';
import { Copyable } from './copyable.tsx';
import { Field } from './dialog.tsx';
import { Fault, ownUrl } from './states.tsx';
import { useAct } from './use-act.ts';

interface Issued {
  readonly key: KeyView;
  readonly secret: string;
}

interface NewKeyProps {
  readonly needsBudget?: boolean;
  readonly onMade: () => void;
}

/** Makes a key, with a budget or without. Its secret is shown this once. */
export function NewKey({ needsBudget = false, onMade }: NewKeyProps) {
  const [name, setName] = useState('');
  const [usd, setUsd] = useState(needsBudget ? '50' : '');
  const [app, setApp] = useState('');
  const [issued, setIssued] = useState<Issued>();
  const { run, error, isBusy } = useAct();
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    run(async () => {
      const budget = usd === '' ? {} : { budget: { usd, window: 'month' } };
      const labels = app === '' ? {} : { labels: { app } };
      setIssued(await post<Issued>('/api/keys', { name, ...budget, ...labels }));
      onMade();
    });
  };
  if (issued) return <Secret issued={issued} />;
  return (
    <form onSubmit={submit} className="section">
      <Field name="Name">
        <input type="text" required value={name} onChange={({ target }) => setName(target.value)} />
      </Field>
      <Field name="Budget a month, in dollars" hint={needsBudget ? 'A call that could pass it is refused.' : 'Left empty, there is none.'}>
        <input type="number" min="0" step="any" required={needsBudget} value={usd} onChange={({ target }) => setUsd(target.value)} />
      </Field>
      <Field name="App" hint="Of calls that name none themselves.">
        <input type="text" value={app} onChange={({ target }) => setApp(target.value)} />
      </Field>
      {error && <Fault error={error} />}
      <div>
        <button type="submit" className="button primary" disabled={isBusy}>
          Make the key
        </button>
      </div>
    </form>
  );
}

export function Secret({ issued: { key, secret } }: { readonly issued: Issued }) {
  return (
    <div className="section">
      <p>
        The secret of <b>{key.name}</b>. It is shown this once; the gateway keeps only a hash of it.
      </p>
      <Copyable text={secret} label="secret" />
      <p className="quiet small">It stands where a client puts its vendor&rsquo;s key:</p>
      <Copyable text={`OPENAI_API_KEY=${secret} OPENAI_BASE_URL=${ownUrl()}/v1`} label="settings of a client" />
    </div>
  );
}
