import { lazy, type ComponentType, type LazyExoticComponent } from 'react';
import { Overview } from './overview.tsx';

export interface PageEntry {
  readonly path: string;
  readonly name: string;
  readonly group: 'Spend' | 'Traffic' | 'Control';
  readonly view: ComponentType | LazyExoticComponent<ComponentType>;
}

/** Pages beside the first are loaded when they are gone to. */
export const pages: readonly PageEntry[] = [
  { path: '/', name: 'Overview', group: 'Spend', view: Overview },
  { path: '/ui/explore', name: 'Explore', group: 'Spend', view: lazy(() => import('./explore.tsx')) },
  { path: '/ui/savings', name: 'Savings', group: 'Spend', view: lazy(() => import('./savings.tsx')) },
  { path: '/ui/cache', name: 'Cache health', group: 'Spend', view: lazy(() => import('./cache.tsx')) },
  { path: '/ui/models', name: 'Models and prices', group: 'Spend', view: lazy(() => import('./models.tsx')) },
  { path: '/ui/calls', name: 'Calls', group: 'Traffic', view: lazy(() => import('./calls.tsx')) },
  { path: '/ui/sessions', name: 'Sessions and tasks', group: 'Traffic', view: lazy(() => import('./sessions.tsx')) },
  { path: '/ui/budgets', name: 'Budgets', group: 'Control', view: lazy(() => import('./budgets.tsx')) },
  { path: '/ui/alerts', name: 'Alerts', group: 'Control', view: lazy(() => import('./alerts.tsx')) },
  { path: '/ui/keys', name: 'Keys', group: 'Control', view: lazy(() => import('./keys.tsx')) },
  { path: '/ui/settings', name: 'Settings', group: 'Control', view: lazy(() => import('./settings.tsx')) },
];

const Trace = lazy(() => import('./trace.tsx'));
const Session = lazy(() => import('./session.tsx'));
const Missing = lazy(() => import('./missing.tsx'));

/** The page of a path. */
export function viewAt(path: string): ComponentType | LazyExoticComponent<ComponentType> {
  if (/^\/ui\/calls\/./.test(path)) return Trace;
  if (/^\/ui\/sessions\/./.test(path)) return Session;
  const plain = path === '/ui' || path === '/ui/' ? '/' : path;
  return pages.find((page) => page.path === plain)?.view ?? Missing;
}

/** The entry of the menu a path belongs to. */
export const isWithin = (page: string, path: string): boolean =>
  page === '/' ? path === '/' || path === '/ui' || path === '/ui/' : path === page || path.startsWith(`${page}/`);
