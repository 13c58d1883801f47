import { useState } from 'react';
import { pages } from '../pages/pages.ts';
import { areSingleKeysOn, setSingleKeys } from '../state/shortcuts.ts';
import { Dialog } from './dialog.tsx';

const everywhere = [
  ['Ctrl K', 'Go to a page, a breakdown, or a call by its id'],
  ['/', 'Search on this page'],
  ['J, K', 'Down and up in the list of calls; Enter opens one'],
  ['Tab', 'On to the next link, field or table; arrows scroll a table'],
  ['Esc', 'Close'],
  ['?', 'This list'],
] as const;

/** Which keys do what. */
export function Help({ onClose }: { readonly onClose: () => void }) {
  const [isOn, setOn] = useState(areSingleKeysOn);
  return (
    <Dialog title="Keys" onClose={onClose}>
      <dl className="keys">
        {everywhere.map(([keys, says]) => (
          <Entry key={keys} keys={keys} says={says} />
        ))}
      </dl>
      <h3>Go to a page</h3>
      <dl className="keys two">
        {pages.map(({ key, name }) => (
          <Entry key={key} keys={`G ${key.toUpperCase()}`} says={name} />
        ))}
      </dl>
      <label className="row small">
        <input
          type="checkbox"
          checked={isOn}
          onChange={({ target }) => {
            setSingleKeys(target.checked);
            setOn(target.checked);
          }}
        />
        Single letters do something
      </label>
    </Dialog>
  );
}

const Entry = ({ keys, says }: { readonly keys: string; readonly says: string }) => (
  <div>
    <dt>
      <kbd>{keys}</kbd>
    </dt>
    <dd>{says}</dd>
  </div>
);
