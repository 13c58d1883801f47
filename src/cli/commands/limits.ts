import type { Run } from '../command.ts';
import { exitCodes, usageError } from '../errors.ts';
import { actOnRules, ruleActs, type RuleKind } from '../rule-acts.ts';
import { limitFields } from '../rule-request.ts';

const kind: RuleKind = { path: '/api/limit-rules', what: 'limit', command: 'limits', fields: limitFields };

/** The rate limits of a running gateway, and changes of those made by command. */
export const run: Run = async (given, terminal) => {
  const [asked = 'rules'] = given.words;
  const act = ruleActs.find((one) => one === asked);
  if (!act) throw usageError(`\`limits\` takes ${ruleActs.join(', ')}, not ${asked}`);
  await actOnRules(kind, act, given, terminal);
  return exitCodes.ok;
};
