import { lazy, type ComponentType, type LazyExoticComponent } from 'react';
import { kept } from '../state/explore.ts';
import { Overview } from './overview.tsx';

export const groups = ['Spend', 'Tokens', 'Traffic', 'Control'] as const;

export interface PageEntry {
  readonly path: string;
  readonly name: string;
  readonly group: (typeof groups)[number];
  /** Goes there, after G. */
  readonly key: string;
  /** Span and filters mean something there, and are kept on the way. */
  readonly isOfTraffic: boolean;
  readonly view: ComponentType | LazyExoticComponent<ComponentType>;
}

/** Pages beside the first are loaded when they are gone to. */
export const pages: readonly PageEntry[] = [
  { path: '/', name: 'Overview', group: 'Spend', key: 'o', isOfTraffic: true, view: Overview },
  {
    path: '/ui/recommendations',
    name: 'Recommendations',
    group: 'Spend',
    key: 'r',
    isOfTraffic: true,
    view: lazy(() => import('./recommendations.tsx')),
  },
  { path: '/ui/savings', name: 'Savings', group: 'Spend', key: 'v', isOfTraffic: true, view: lazy(() => import('./savings.tsx')) },
  { path: '/ui/explore', name: 'Explore', group: 'Spend', key: 'e', isOfTraffic: true, view: lazy(() => import('./explore.tsx')) },
  { path: '/ui/models', name: 'Models and prices', group: 'Spend', key: 'm', isOfTraffic: true, view: lazy(() => import('./models.tsx')) },
  {
    path: '/ui/parts',
    name: 'Parts of prompts',
    group: 'Tokens',
    key: 'p',
    isOfTraffic: true,
    view: lazy(() => import('./prompt-parts.tsx')),
  },
  { path: '/ui/cache', name: 'Cache health', group: 'Tokens', key: 'h', isOfTraffic: true, view: lazy(() => import('./cache.tsx')) },
  { path: '/ui/languages', name: 'Languages', group: 'Tokens', key: 'n', isOfTraffic: true, view: lazy(() => import('./languages.tsx')) },
  { path: '/ui/calls', name: 'Calls', group: 'Traffic', key: 'c', isOfTraffic: true, view: lazy(() => import('./calls.tsx')) },
  {
    path: '/ui/sessions',
    name: 'Sessions and tasks',
    group: 'Traffic',
    key: 's',
    isOfTraffic: true,
    view: lazy(() => import('./sessions.tsx')),
  },
  { path: '/ui/latency', name: 'Latency', group: 'Traffic', key: 'l', isOfTraffic: true, view: lazy(() => import('./latency.tsx')) },
  { path: '/ui/quality', name: 'Quality', group: 'Traffic', key: 'q', isOfTraffic: true, view: lazy(() => import('./quality.tsx')) },
  { path: '/ui/budgets', name: 'Budgets', group: 'Control', key: 'b', isOfTraffic: false, view: lazy(() => import('./budgets.tsx')) },
  { path: '/ui/alerts', name: 'Alerts', group: 'Control', key: 'a', isOfTraffic: false, view: lazy(() => import('./alerts.tsx')) },
  { path: '/ui/keys', name: 'Keys', group: 'Control', key: 'k', isOfTraffic: false, view: lazy(() => import('./keys.tsx')) },
  { path: '/ui/audit', name: 'Audit of logs', group: 'Control', key: 'u', isOfTraffic: false, view: lazy(() => import('./audit.tsx')) },
  { path: '/ui/settings', name: 'Settings', group: 'Control', key: 't', isOfTraffic: false, view: lazy(() => import('./settings.tsx')) },
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

/** Where the menu leads: what counts span and filters keeps those of the page left behind. */
export const wayTo = ({ path, isOfTraffic }: PageEntry, search: string): string => (isOfTraffic ? path + kept(search) : path);

/** The entry of the menu a path belongs to. */
export const isWithin = (page: string, path: string): boolean =>
  page === '/' ? path === '/' || path === '/ui' || path === '/ui/' : path === page || path.startsWith(`${page}/`);
