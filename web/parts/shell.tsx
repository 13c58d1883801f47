import { useEffect, useState, type ReactNode } from 'react';
import icon from '../icon.svg';
import { get, isLoggedIn, logOut } from '../api/client.ts';
import { useLoaded } from '../api/use-loaded.ts';
import type { PricesAnswer } from '../../src/compose/dashboard.ts';
import { isWithin, pages, type PageEntry } from '../pages/pages.ts';
import { applyTheme, nextTheme, savedTheme, themeNames } from '../state/theme.ts';
import { Link } from './link.tsx';
import { Palette } from './palette.tsx';

const groups = ['Spend', 'Traffic', 'Control'] as const satisfies readonly PageEntry['group'][];

/** Menu, page and foot. */
export function Shell({ path, children }: { readonly path: string; readonly children: ReactNode }) {
  const [hasPalette, setPalette] = useState(false);
  useEffect(() => {
    const open = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() !== 'k' || !(event.metaKey || event.ctrlKey)) return;
      event.preventDefault();
      setPalette(true);
    };
    addEventListener('keydown', open);
    return () => removeEventListener('keydown', open);
  }, []);
  return (
    <div className="shell">
      <a className="skip button" href="#page">
        To the page
      </a>
      <header className="side">
        <Link className="brand" href="/">
          <img src={icon} alt="" />
          Modicum
        </Link>
        <nav aria-label="Pages">
          {groups.map((group) => (
            <MenuGroup key={group} group={group} path={path} />
          ))}
        </nav>
        <SideFoot onPalette={() => setPalette(true)} />
      </header>
      <div className="main">
        <main id="page" tabIndex={-1} style={{ flex: 1, outline: 'none' }}>
          {children}
        </main>
        <Foot />
      </div>
      {hasPalette && <Palette onClose={() => setPalette(false)} />}
    </div>
  );
}

function MenuGroup({ group, path }: { readonly group: PageEntry['group']; readonly path: string }) {
  return (
    <div>
      <h2>{group}</h2>
      <ul>
        {pages
          .filter((page) => page.group === group)
          .map((page) => (
            <li key={page.path}>
              <Link href={page.path} aria-current={isWithin(page.path, path) ? 'page' : undefined}>
                {page.name}
              </Link>
            </li>
          ))}
      </ul>
    </div>
  );
}

function SideFoot({ onPalette }: { readonly onPalette: () => void }) {
  const [theme, setTheme] = useState(savedTheme);
  const turn = (): void => {
    const next = nextTheme[theme];
    applyTheme(next);
    setTheme(next);
  };
  return (
    <div className="side-foot">
      <button type="button" className="button plain small" onClick={onPalette}>
        Go to <kbd>Ctrl K</kbd>
      </button>
      <button type="button" className="button plain small" onClick={turn}>
        Theme <span>{themeNames[theme]}</span>
      </button>
      {isLoggedIn() && (
        <button type="button" className="button plain small" onClick={() => void logOut()}>
          Log out
        </button>
      )}
    </div>
  );
}

/** How old the prices are stands on every page, since every page shows money. */
function Foot() {
  const { value } = useLoaded('status', (signal) => get<{ readonly version: string }>('/api/status', signal));
  const { value: prices } = useLoaded('prices-date', (signal) => get<PricesAnswer>('/api/prices?limit=0', signal));
  return (
    <footer className="foot">
      {prices && <span>Prices as of {prices.asOf}</span>}
      {value && <span>Modicum {value.version}</span>}
      <span>Costs in US dollars at list price, or at yours. Token counts are the provider&rsquo;s own unless marked.</span>
    </footer>
  );
}
