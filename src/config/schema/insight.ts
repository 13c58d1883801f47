import { flag, group } from './option.ts';

/** What is found out about calls beside their usage. */
export const insightOptions = group('What is found out about calls when their replies are out, for queries.', {
  quality: flag(
    'Marks in the record: answers cut short or refused, JSON that does not fit the schema asked for, failed tools, the same prompt again.',
    true,
  ),
  language: flag(
    'The language of what the user says, once a session. Takes some 50 MB of memory from the first call on, and 0.2 ms a session.',
    false,
  ),
});
