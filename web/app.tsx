import { Suspense, useEffect, useState } from 'react';
import { ApiError, loadSession, whenLoggedOut } from './api/client.ts';
import { Login } from './parts/login.tsx';
import { Fault, Waiting } from './parts/states.tsx';
import { Shell } from './parts/shell.tsx';
import { viewAt } from './pages/pages.ts';
import { usePlace } from './state/location.ts';

type Access = 'asked' | 'in' | 'out' | ApiError;

/** The page; the log-in instead, when the gateway says that the visitor may not see it. The page holds no figure before that. */
export function App() {
  const [access, setAccess] = useState<Access>('asked');
  const enter = (): void => {
    loadSession().then(
      () => setAccess('in'),
      (error: unknown) => {
        if (error instanceof ApiError && error.status !== 401) setAccess(error);
        else setAccess('out');
      },
    );
  };
  useEffect(enter, []);
  useEffect(() => whenLoggedOut(() => setAccess('out')), []);
  if (access === 'out') return <Login onIn={enter} />;
  if (access instanceof ApiError)
    return (
      <main className="login">
        <h1>Modicum</h1>
        <Fault error={access} onRetry={enter} />
      </main>
    );
  return <Pages />;
}

function Pages() {
  const { path } = usePlace();
  const View = viewAt(path);
  return (
    <Shell path={path}>
      <Suspense fallback={<Waiting />}>
        <View key={path} />
      </Suspense>
    </Shell>
  );
}
