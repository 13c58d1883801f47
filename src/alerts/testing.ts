import type { AlertMessage } from './message.ts';

/** A message that says nothing but what is given. */
export const messageOf = (changes: Partial<AlertMessage>): AlertMessage => ({
  id: 'id-1',
  kind: 'fired',
  alert: 'spend',
  subject: 'all',
  severity: 'warning',
  text: 'The cost in the last 1h is $12.50, above the limit of $10.00.',
  value: 12.5,
  expected: null,
  since: '2026-11-25T09:00:00.000Z',
  at: '2026-11-25T09:01:00.000Z',
  link: 'http://127.0.0.1:4000/ui/explore?measure=costUsd',
  ...changes,
});
