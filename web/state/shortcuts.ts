import { pages, wayTo } from '../pages/pages.ts';
import { go } from './location.ts';

const key = 'modicum-single-keys';

/** Single letters can be in the way of who speaks to the machine, so they can be switched off. */
export const areSingleKeysOn = (): boolean => localStorage.getItem(key) !== 'off';
export const setSingleKeys = (isOn: boolean): void => localStorage.setItem(key, isOn ? 'on' : 'off');

/** How long G waits for the letter of a page, ms. */
const waitMs = 1500;

export interface ShortcutActions {
  readonly onPalette: () => void;
  readonly onHelp: () => void;
}

/** Listens to the keys that work on every page. Returns what ends it. */
export function listenToKeys({ onPalette, onHelp }: ShortcutActions): () => void {
  let wentAt = -Infinity;
  const hear = (event: KeyboardEvent): void => {
    if (event.key.toLowerCase() === 'k' && (event.metaKey || event.ctrlKey)) return taken(event, onPalette);
    if (event.metaKey || event.ctrlKey || event.altKey || isBusy(event.target) || !areSingleKeysOn()) return;
    const page = event.timeStamp - wentAt < waitMs ? pages.find((each) => each.key === event.key) : undefined;
    wentAt = -Infinity;
    if (page) return taken(event, () => go(wayTo(page, location.search)));
    if (event.key === 'g') wentAt = event.timeStamp;
    else if (event.key === '?') taken(event, onHelp);
    else if (event.key === '/') taken(event, () => search(onPalette));
  };
  addEventListener('keydown', hear);
  return () => removeEventListener('keydown', hear);
}

function taken(event: KeyboardEvent, act: () => void): void {
  event.preventDefault();
  act();
}

/** Where letters are typed, or a dialog waits for an answer. */
const isBusy = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.closest('input:not([type=checkbox]), select, textarea, dialog') !== null;

/** The search of the page, else that of all pages. */
function search(orElse: () => void): void {
  const field = document.querySelector<HTMLInputElement>('main input[type=search]');
  if (field) field.focus();
  else orElse();
}
