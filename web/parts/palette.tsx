import { useEffect, useRef, useState, type KeyboardEvent } from 'react';
import { allDimensions, dimensionName } from '../api/measures.ts';
import { pages } from '../pages/pages.ts';
import { go } from '../state/location.ts';
import { applyTheme, themeNames, type Theme } from '../state/theme.ts';

interface Command {
  readonly name: string;
  readonly hint: string;
  readonly run: () => void;
}

const commands: readonly Command[] = [
  ...pages.map(({ name, path }) => ({ name, hint: 'Page', run: () => go(path) })),
  ...allDimensions.map((by) => ({
    name: `Cost by ${dimensionName(by).toLowerCase()}`,
    hint: 'Explore',
    run: () => go(`/ui/explore?by=${by}`),
  })),
  ...(Object.keys(themeNames) as Theme[]).map((theme) => ({
    name: `Theme: ${themeNames[theme].toLowerCase()}`,
    hint: 'Look',
    run: () => {
      applyTheme(theme);
    },
  })),
];

const callId = /^[0-9a-f]{8}-[0-9a-f-]{27}$/;

function found(text: string): readonly Command[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const id = text.trim();
  const call = callId.test(id) ? [{ name: `Call ${id}`, hint: 'Trace', run: () => go(`/ui/calls/${id}`) }] : [];
  return [...call, ...commands.filter(({ name, hint }) => words.every((word) => `${name} ${hint}`.toLowerCase().includes(word)))].slice(
    0,
    12,
  );
}

/** Everywhere one can go, by typing. */
export function Palette({ onClose }: { readonly onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const shown = found(text);
  useEffect(() => dialog.current?.showModal(), []);
  const run = (command: Command | undefined): void => {
    if (!command) return;
    onClose();
    command.run();
  };
  const steer = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) setAt((at + step + shown.length) % Math.max(1, shown.length));
    if (event.key === 'Enter') run(shown[at]);
    if (step !== undefined || event.key === 'Enter') event.preventDefault();
  };
  return (
    <dialog
      ref={dialog}
      className="palette"
      aria-label="Go to"
      onClose={onClose}
      onClick={({ target }) => target === dialog.current && onClose()}
    >
      <input
        type="text"
        role="combobox"
        aria-label="Page, breakdown or id of a call"
        aria-expanded="true"
        aria-controls="palette-list"
        aria-activedescendant={shown[at] ? `palette-${at}` : undefined}
        placeholder="Page, breakdown or id of a call"
        value={text}
        onKeyDown={steer}
        onChange={({ target }) => {
          setText(target.value);
          setAt(0);
        }}
      />
      <ul id="palette-list" role="listbox" aria-label="Found">
        {shown.map((command, index) => (
          <li
            key={command.name}
            id={`palette-${index}`}
            role="option"
            aria-selected={index === at}
            onClick={() => run(command)}
            onPointerMove={() => setAt(index)}
          >
            {command.name} <span className="quiet small">{command.hint}</span>
          </li>
        ))}
      </ul>
    </dialog>
  );
}
