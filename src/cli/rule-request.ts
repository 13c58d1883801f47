import type { Arguments } from './arguments.ts';
import { usageError } from './errors.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What the options say of a budget, as the admin API takes it. `isChange`: what the new action has no use for goes away. */
export function budgetFields(given: Arguments, isChange: boolean): Fields {
  const [usd, tokens] = [given.text('usd'), given.whole('tokens')];
  const action = given.text('action');
  const leaves = isChange && action !== undefined && action !== 'downgrade';
  return {
    ...matchIn(given),
    ...((usd !== undefined || tokens !== undefined) && { limit: present({ usd, tokens }) }),
    ...present({ window: given.text('window'), timeZone: given.text('time-zone'), action, downgradeTo: given.text('downgrade-to') }),
    ...(leaves && { downgradeTo: null }),
    ...queueIn(given),
  };
}

/** The same of a rate limit. */
export const limitFields = (given: Arguments): Fields => ({
  ...matchIn(given),
  ...present({
    requests: given.whole('requests'),
    tokens: given.whole('tokens'),
    inputTokens: given.whole('input-tokens'),
    outputTokens: given.whole('output-tokens'),
    concurrency: given.whole('concurrency'),
    per: given.text('per'),
  }),
  ...queueIn(given),
});

const present = (fields: Fields): Fields => Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

/** `--match team=search --match model=gpt-5*`; one empty entry: all calls. */
function matchIn(given: Arguments): Fields {
  const entries = given.list('match').filter((entry, _, all) => entry !== '' || all.length > 1);
  if (given.list('match').length === 0) return {};
  return { match: Object.fromEntries(entries.map(pairIn)) };
}

function pairIn(entry: string): readonly [string, string] {
  const at = entry.indexOf('=');
  if (at <= 0) throw usageError(`--match: "${entry}" is not KEY=VALUE, such as team=search or user=*`);
  return [entry.slice(0, at), entry.slice(at + 1)];
}

function queueIn(given: Arguments): Fields {
  const queue = present({ max: given.whole('queue-max'), deadlineMs: given.whole('queue-ms') });
  return Object.keys(queue).length === 0 ? {} : { queue };
}
