import { useState } from 'react';

/** A command or a line of code with a button that copies it. */
export function Copyable({ text, label = 'command' }: { readonly text: string; readonly label?: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text).then(
      () => setCopied(true),
      () => setCopied(false),
    );
    setTimeout(() => setCopied(false), 2000);
  };
  return (
    <div className="copyable">
      <code tabIndex={0}>{text}</code>
      <button type="button" className="button" aria-label={`Copy the ${label}`} onClick={() => void copy()}>
        {copied ? 'Copied' : 'Copy'}
      </button>
    </div>
  );
}
