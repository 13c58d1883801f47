/** What is repaired, each by its own name. */
export const repairRules = [
  'tool-order',
  'tool-json',
  'tool-set',
  'json',
  'whitespace',
  'number-format',
  'call-ids',
  'volatile-values',
  'context-blocks',
  'billing-header',
] as const;
export type RepairRule = (typeof repairRules)[number];

/** Rules after which the model reads the very same values at the very same places. */
export const safeRules = [
  'tool-order',
  'tool-json',
  'json',
  'whitespace',
  'number-format',
  'call-ids',
] as const satisfies readonly RepairRule[];

/** What broke a prefix, and the rule that repairs it, where there is one. */
export const breakers = {
  timestamp: 'volatile-values',
  date: 'volatile-values',
  uuid: 'volatile-values',
  session_id: 'volatile-values',
  number: 'volatile-values',
  context_block: 'context-blocks',
  billing_header: 'billing-header',
  whitespace: 'whitespace',
  number_format: 'number-format',
  key_order: 'json',
  call_ids: 'call-ids',
  tool_order: 'tool-order',
  tool_key_order: 'tool-json',
  tool_set: 'tool-set',
  tool_changed: undefined,
  system_changed: undefined,
  message_changed: undefined,
  history_truncated: undefined,
  model_changed: undefined,
} as const satisfies Readonly<Record<string, RepairRule | undefined>>;
export type Breaker = keyof typeof breakers;
