import type { Severity } from './rule.ts';

/** What a channel sends. */
export interface AlertMessage {
  /** Of the firing: messages with the same one belong together. */
  readonly id: string;
  readonly kind: 'fired' | 'reminder' | 'resolved' | 'test';
  readonly alert: string;
  /** `app=support`; `all` for what is not told apart. */
  readonly subject: string;
  readonly severity: Severity;
  /** What happened, in one plain sentence with its figures. */
  readonly text: string;
  readonly value: number | null;
  /** What is usual, where the alert knows. */
  readonly expected: { readonly low: number; readonly high: number } | null;
  /** ISO. */
  readonly since: string;
  readonly at: string;
  /** The query behind it in the dashboard; `null` where there is none. */
  readonly link: string | null;
}

const words = { fired: 'Alert', reminder: 'Still so', resolved: 'Resolved', test: 'Test' } as const satisfies Record<
  AlertMessage['kind'],
  string
>;

/** `Alert "spend" (warning)`, for subjects of mail and heads of messages. */
export const headOf = ({ kind, alert, severity, subject }: AlertMessage): string =>
  `${words[kind]}: ${alert}${subject === 'all' ? '' : ` for ${subject}`} (${severity})`;

/** The whole message for people, a line each. */
export const linesOf = (message: AlertMessage): readonly string[] => [
  headOf(message),
  message.text,
  `Since ${message.since.slice(0, 16).replace('T', ' ')} UTC.`,
  ...(message.link === null ? [] : [message.link]),
];
