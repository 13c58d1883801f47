import { useState, type SyntheticEvent } from 'react';
import { ApiError, logIn } from '../api/client.ts';
import { Fault } from './states.tsx';

/** Asks for the administrator's token. The gateway answers with a cookie that no script can read. */
export function Login({ onIn }: { readonly onIn: () => void }) {
  const [token, setToken] = useState('');
  const [error, setError] = useState<ApiError>();
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    logIn(token).then(onIn, (thrown: unknown) => setError(thrown instanceof ApiError ? thrown : undefined));
  };
  return (
    <main className="login">
      <h1>Modicum</h1>
      <p className="quiet">
        This gateway asks for its administrator&rsquo;s token: <code>server.adminToken</code> in its configuration.
      </p>
      <form className="field" onSubmit={submit}>
        <label className="field">
          <span>Token</span>
          <input type="password" autoComplete="current-password" value={token} onChange={({ target }) => setToken(target.value)} />
        </label>
        <div>
          <button type="submit" className="button primary">
            Log in
          </button>
        </div>
      </form>
      {error && <Fault error={error} />}
    </main>
  );
}
