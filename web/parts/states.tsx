import type { ReactNode } from 'react';
import { useEffect, useState } from 'react';
import type { ApiError } from '../api/client.ts';
import type { Loaded } from '../api/use-loaded.ts';
import { Copyable } from './copyable.tsx';

/** What went wrong, in the gateway's own words, and what to do. */
export function Fault({ error, onRetry }: { readonly error: ApiError; readonly onRetry?: () => void }) {
  return (
    <div className="fault" role="alert">
      <p>{sentence(error.message)}</p>
      {error.fix !== undefined && <p className="quiet">To mend it: {error.fix}</p>}
      {onRetry && (
        <p>
          <button type="button" className="button" onClick={onRetry}>
            Try again
          </button>
        </p>
      )}
    </div>
  );
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.?!]$/.test(text) ? '' : '.'}`;

interface WaitingProps {
  /** About that of what comes, so that nothing below it jumps. */
  readonly heightPx?: number;
}

/** The place of what is on its way; grey only when that takes long enough to be missed. */
export function Waiting({ heightPx = 120 }: WaitingProps) {
  const [isLong, setLong] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLong(true), 150);
    return () => clearTimeout(timer);
  }, []);
  return <div className={isLong ? 'skeleton' : undefined} style={{ height: heightPx }} role="status" aria-label="Loading" />;
}

interface ShownProps<T> extends WaitingProps {
  readonly loaded: Loaded<T>;
  readonly children: (value: T) => ReactNode;
}

/** What was loaded; before that a place for it, or why it could not be. What is known stays in view beside an error. */
export function Shown<T>({ loaded: { value, error, reload }, heightPx, children }: ShownProps<T>) {
  if (value === undefined)
    return error ? <Fault error={error} onRetry={reload} /> : <Waiting {...(heightPx !== undefined && { heightPx })} />;
  return (
    <>
      {error && <Fault error={error} onRetry={reload} />}
      {children(value)}
    </>
  );
}

/** Of a chart with its title, summary and legend. */
export const chartHeightPx = 320;

interface EmptyProps {
  readonly title: string;
  readonly children?: ReactNode;
  readonly command?: string;
}

/** An empty place that teaches: why it is empty, and the one line that fills it. */
export function Empty({ title, children, command }: EmptyProps) {
  return (
    <div className="empty">
      <p>
        <b>{title}</b>
      </p>
      {children}
      {command !== undefined && <Copyable text={command} />}
    </div>
  );
}

/** The address clients use: where this page came from. */
export const ownUrl = (): string => location.origin;

/** The option that makes a command meet this gateway, when it is not at its usual address. */
export const urlOption = (): string => (ownUrl() === 'http://127.0.0.1:4000' ? '' : ` --url ${ownUrl()}`);

/** For each page that shows traffic, while there is none. */
export function NoTraffic({ what }: { readonly what: string }) {
  return (
    <div className="empty">
      <p>
        <b>No calls yet.</b> {what}
      </p>
      <p className="quiet">Send the sample conversations through this gateway, from the folder of Modicum:</p>
      <Copyable text={`npm run -s modicum -- replay samples${urlOption()}`} />
      <p className="quiet">Or point a client here, by one line:</p>
      <Copyable text={`export OPENAI_BASE_URL=${ownUrl()}/v1`} label="setting for OpenAI SDKs" />
      <Copyable text={`ANTHROPIC_BASE_URL=${ownUrl()}/c/claude-code claude`} label="command for Claude Code" />
    </div>
  );
}
