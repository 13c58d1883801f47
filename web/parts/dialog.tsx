import { useEffect, useRef, type ReactNode } from 'react';

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** Something to fill in or to read before going on. */
export function Dialog({ title, onClose, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
    // Else the button that closes it would be first.
    dialog.current?.querySelector<HTMLElement>('input[type=text]')?.focus();
  }, []);
  return (
    <dialog ref={dialog} aria-label={title} onClose={onClose}>
      <div className="sheet">
        <div className="row spread">
          <h2>{title}</h2>
          <button type="button" className="button plain" aria-label="Close" onClick={onClose}>
            ×
          </button>
        </div>
        {children}
      </div>
    </dialog>
  );
}

interface FieldProps {
  readonly name: string;
  readonly hint?: string;
  readonly children: ReactNode;
}

export function Field({ name, hint, children }: FieldProps) {
  return (
    <div className="field">
      <label className="field">
        <span>{name}</span>
        {children}
      </label>
      {hint !== undefined && <small>{hint}</small>}
    </div>
  );
}
