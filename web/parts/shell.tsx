import { useEffect, useRef, useState, type ReactNode } from 'react';
import icon from '../icon.svg';
import { get, isLoggedIn, logOut } from '../api/client.ts';
import { useLoaded } from '../api/use-loaded.ts';
import type { PricesAnswer } from '../../src/compose/dashboard.ts';
import { groups, isWithin, pages, wayTo, type PageEntry } from '../pages/pages.ts';
import { usePlace } from '../state/location.ts';
import { listenToKeys } from '../state/shortcuts.ts';
import { applyTheme, nextTheme, savedTheme, themeNames } from '../state/theme.ts';
import { Help } from './help.tsx';
import { Link } from './link.tsx';
import { Palette } from './palette.tsx';

type Over = 'palette' | 'help';

/** Menu, page and foot. */
export function Shell({ path, children }: { readonly path: string; readonly children: ReactNode }) {
  const [over, setOver] = useState<Over>();
  const close = (): void => setOver(undefined);
  useEffect(() => listenToKeys({ onPalette: () => setOver('palette'), onHelp: () => setOver('help') }), []);
  useArrival(path);
  return (
    <div className="shell">
      <a className="skip button" href="#page">
        To the page
      </a>
      <Menu key={path} path={path} onOver={setOver} />
      <div className="main">
        <main id="page" tabIndex={-1}>
          {children}
        </main>
        <Foot />
      </div>
      {over === 'palette' && <Palette onClose={close} />}
      {over === 'help' && <Help onClose={close} />}
    </div>
  );
}

/** Whoever does not see that another page is there begins at its head. */
function useArrival(path: string): void {
  const from = useRef(path);
  useEffect(() => {
    if (from.current !== path) document.getElementById('page')?.focus({ preventScroll: true });
    from.current = path;
  }, [path]);
}

interface MenuProps {
  readonly path: string;
  readonly onOver: (over: Over) => void;
}

/** On a narrow screen it is shut until it is asked for. */
function Menu({ path, onOver }: MenuProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <header className={isOpen ? 'side open' : 'side'}>
      <div className="row spread">
        <Link className="brand" href="/">
          <img src={icon} alt="" />
          Modicum
        </Link>
        <button type="button" className="button menu" aria-expanded={isOpen} aria-controls="menu" onClick={() => setOpen(!isOpen)}>
          Menu
        </button>
      </div>
      <div id="menu" className="side-body">
        <nav aria-label="Pages">
          {groups.map((group) => (
            <MenuGroup key={group} group={group} path={path} />
          ))}
        </nav>
        <SideFoot onOver={onOver} />
      </div>
    </header>
  );
}

function MenuGroup({ group, path }: { readonly group: PageEntry['group']; readonly path: string }) {
  const { search } = usePlace();
  return (
    <div>
      <h2>{group}</h2>
      <ul>
        {pages
          .filter((page) => page.group === group)
          .map((page) => (
            <li key={page.path}>
              <Link href={wayTo(page, search)} aria-current={isWithin(page.path, path) ? 'page' : undefined}>
                {page.name}
              </Link>
            </li>
          ))}
      </ul>
    </div>
  );
}

function SideFoot({ onOver }: { readonly onOver: (over: Over) => void }) {
  const [theme, setTheme] = useState(savedTheme);
  const turn = (): void => {
    const next = nextTheme[theme];
    applyTheme(next);
    setTheme(next);
  };
  return (
    <div className="side-foot">
      <button type="button" className="button plain small" onClick={() => onOver('palette')}>
        Go to <kbd>Ctrl K</kbd>
      </button>
      <button type="button" className="button plain small" onClick={() => onOver('help')}>
        Keys <kbd>?</kbd>
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
