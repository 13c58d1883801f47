/** What a mark on a call says, what to do about it, and the page of the guide that knows more. */
export interface SignalText {
  readonly says: string;
  readonly fix?: string;
  readonly guide?: string;
}

const repair = 'docs/guide/prompt-repair.md';
const volatile = (what: string): SignalText => ({
  says: `${what} in the beginning of the prompt changes with each call, so nothing behind it comes from the prompt cache.`,
  fix: 'Move it behind the history, or switch on the repair volatile-values.',
  guide: repair,
});
const written = (what: string, rule: string): SignalText => ({
  says: `${what} changed against the call before, and broke the prompt cache there.`,
  fix: `Write it the same each time, or switch on the repair ${rule}.`,
  guide: repair,
});
const changed = (what: string): SignalText => ({
  says: `${what} changed against the call before, so the prompt cache ends there.`,
  fix: 'No repair can mend that: change it less often, or at the end of the prompt.',
  guide: repair,
});

const texts: Readonly<Record<string, SignalText>> = {
  'prefix:timestamp': volatile('A time'),
  'prefix:date': volatile('A date'),
  'prefix:uuid': volatile('A random id'),
  'prefix:session_id': volatile('The id of a session'),
  'prefix:number': volatile('A number'),
  'prefix:tool_order': written('The order of the tools', 'tool-order'),
  'prefix:tool_key_order': written('The order of keys in a tool', 'tool-json'),
  'prefix:key_order': written('The order of keys in JSON', 'json'),
  'prefix:whitespace': written('White space', 'whitespace'),
  'prefix:number_format': written('The form of a number', 'number-format'),
  'prefix:call_ids': written('Ids of tool calls', 'call-ids'),
  'prefix:context_block': written('Looked-up text before the history', 'context-blocks'),
  'prefix:tool_set': written('The set of tools', 'tool-set'),
  'prefix:billing_header': written('The header that Claude Code writes', 'billing-header'),
  'prefix:tool_changed': changed('A tool'),
  'prefix:system_changed': changed('The system prompt'),
  'prefix:message_changed': changed('An earlier message'),
  'prefix:history_truncated': changed('The history was cut: its beginning'),
  'prefix:model_changed': changed('The model'),
  truncated: {
    says: 'The answer stopped at its limit of tokens.',
    fix: 'Raise the limit, or ask for a shorter answer.',
    guide: 'docs/guide/output-limits.md',
  },
  refused: { says: 'The model, or a filter of the provider, refused.' },
  invalid_json: { says: 'A JSON schema was asked for, and the answer is no JSON.', fix: 'Ask for structured output, or raise the limit.' },
  schema_mismatch: { says: 'The answer is JSON, but does not fit the schema.' },
  tool_failed: { says: 'The call brings the result of a tool that failed.' },
  regenerated: { says: 'The same prompt again within ten minutes, after a good answer: the first may not have pleased.' },
  retried_by_user: { says: 'The same prompt again, after a failed answer.' },
};

const families: readonly (readonly [beginning: string, text: SignalText])[] = [
  [
    'loop:',
    {
      says: 'An agent repeats itself: the same step, error or request again and again.',
      fix: 'Refuse or tell the model, by the option loops.',
      guide: 'docs/guide/loops.md',
    },
  ],
  ['limit:', { says: 'A limit of the output was left out or changed.', guide: 'docs/guide/output-limits.md' }],
  ['route:', { says: 'A rule of the routes would have sent the call elsewhere, or could not.', guide: 'docs/guide/routes.md' }],
  ['prefix:', { says: 'The beginning of the prompt changed, and broke the prompt cache.', guide: repair }],
];

const unknown: SignalText = { says: 'A mark that a stage of the gateway made.' };

export const signalText = (signal: string): SignalText =>
  texts[signal] ?? families.find(([beginning]) => signal.startsWith(beginning))?.[1] ?? unknown;
