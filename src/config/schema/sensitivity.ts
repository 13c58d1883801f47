import * as z from 'zod';
import { policies } from '../../stages/sensitivity/labels.ts';
import { patternRule } from '../../text/sensitivity/custom.ts';
import { builtInKinds, groups } from '../../text/sensitivity/kinds.ts';
import { flag, gib, group, kib, mib, option, whole } from './option.ts';
import { nameOption } from './provider.ts';

/** Letters first: a name of figures alone would not keep its place in the order. */
const labelName = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9._-]{0,63}$/, 'must be 1 to 64 letters, digits, `.`, `_` or `-`, the first a letter');

const policy = (description: string) => option(z.enum(policies), description);
const policyMeaning =
  '`allow`: only the record shows it. `redact-in-storage`: values are taken out of stored bodies. `mask`: values are replaced on their way to the provider and put back in the reply. `local-only`: the call goes to self-hosted providers only. `refuse`: the call is answered with an error.';

const label = option(
  z.strictObject({
    policy: policy(policyMeaning).default('allow'),
    apps: option(z.record(nameOption, policy('Policy for calls of this app.')), 'Other policies by app.').default({}),
    models: option(
      z.record(z.string().min(1).max(256), policy('Policy for calls of this model.')),
      'Other policies by the model that the client asks for; they win over those by app.',
    ).default({}),
  }),
  'One label.',
);

function faultOf(source: string): string | undefined {
  try {
    patternRule(source);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

const pattern = z
  .string()
  .min(2)
  .max(500)
  .superRefine((source, context) => {
    const fault = faultOf(source);
    if (fault !== undefined) context.addIssue({ code: 'custom', message: `is no pattern: ${fault}` });
  });

const detectors = [...groups, ...builtInKinds] as [string, ...string[]];

const rule = option(
  z.strictObject({
    label: option(labelName, 'Label of a call in which this is found.'),
    detectors: option(
      z.array(z.enum(detectors)).max(detectors.length),
      `Built-in detectors: a group (${groups.join(', ')}) or single kinds.`,
    ).default([]),
    words: option(z.array(z.string().trim().min(2).max(200)).max(1000), 'Words and names, in any case; not inside longer words.').default(
      [],
    ),
    patterns: option(
      z.array(pattern).max(100),
      'Regular expressions with the flag `u`, without look-around and back-references. `*` and `+` repeat at most 64 times, so that no text makes a search slow.',
    ).default([]),
  }),
  'What gives a call a label.',
);

export const sensitivityOptions = group(
  'What must not leave: secrets, personal data and what you name. Without labels nothing is looked for.',
  {
    labels: option(z.record(labelName, label), 'Labels by name, from the least sensitive to the most.').default({}),
    rules: option(
      z.array(rule).max(100),
      'What gives a call which label. A kind named by several rules has the highest of their labels.',
    ).default([]),
    localProviders: option(
      z.array(nameOption).max(1000),
      'Providers that calls of the policy `local-only` may go to beside those whose `hosting` is `self-hosted`.',
    ).default([]),
    maxTextBytes: whole('Text of one call that is looked at. A call with more counts as labelled `unread`.', {
      unit: 'bytes',
      min: kib,
      max: gib,
      default: 4 * mib,
    }),
    unread: option(
      labelName,
      'Label of calls that cannot be looked at in full, and of passed-through requests with a body. Left out: the highest.',
    ).optional(),
    redactStoredBodies: flag(
      'Take everything that any detector finds out of stored bodies, whatever its label. `false`: only what a label with a policy other than `allow` covers.',
      true,
    ),
    maskKey: option(
      z.string().min(16),
      'Secret that placeholders are made with; gateways that share it give the same value the same placeholder. Write `${VAR}`, not the value. Left out: one is made and kept in `dataDir`.',
      { secret: true },
    ).optional(),
  },
);
