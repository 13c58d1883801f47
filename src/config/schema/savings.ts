import * as z from 'zod';
import type { SavingMode } from '../../core/shaping.ts';
import { savings, type SavingKey } from '../../savings/registry.ts';
import { flag, group, option, whole } from './option.ts';

const modes = ['off', 'observe', 'on'] as const satisfies readonly SavingMode[];
const meaning = '`observe` works it out and records it, and changes nothing.';
const share = z.number().min(0).max(0.5);

type ModeOption = z.ZodEnum<{ [M in SavingMode]: M }>;
const stages = Object.fromEntries(
  savings.map(({ key, initial, about }) => [key, option(z.enum(modes), `${about} ${meaning}`).default(initial)]),
) as { readonly [K in SavingKey]: z.ZodDefault<ModeOption> };
const overriding = Object.fromEntries(savings.map(({ key }) => [key, option(z.enum(modes), meaning).optional()])) as {
  readonly [K in SavingKey]: z.ZodOptional<ModeOption>;
};

/** Modes of some savings. */
export const savingModesOption = z.strictObject(overriding);

const pattern = z.string().min(1).max(256);
const matching = (what: string) => option(pattern, `${what}; \`*\` at the end stands for any rest.`).optional();

/** What saves money, for whom, and how it is proved. */
export const savingOptions = group('What saves money: which of it runs, for whom, and how it is proved.', {
  holdout: option(share, 'Share of sessions that run without any saving, so that the effect of all together is measured.').default(0.05),
  stageHoldout: option(
    share,
    'Share of the other sessions that each saving leaves alone, drawn for each by itself, so that its own effect is measured.',
  ).default(0.05),
  seed: option(z.string().max(200), 'Another text draws all sessions anew. Gateways with the same one draw alike.').default(''),
  stages: group('Modes of the savings.', stages),
  overrides: option(
    z
      .array(
        z.strictObject({
          match: option(
            z.strictObject({
              app: matching('App'),
              feature: matching('Feature'),
              team: matching('Team'),
              user: matching('User'),
              client: matching('Client program'),
              key: matching('Virtual key, by id'),
              model: matching('Model as the client names it'),
            }),
            'All that is written must hold.',
          ),
          stages: option(savingModesOption, 'Modes for these calls.'),
        }),
      )
      .max(100),
    'Other modes for some calls. Of several that fit, the last one counts.',
  ).default([]),
  selfSwitch: group('A saving that loses money turns itself to `observe` and says so, until somebody switches it on again.', {
    enabled: flag('Whether they do.', true),
    windowHours: whole('How far back it looks.', { unit: 'hours', min: 1, max: 24 * 31, default: 24 * 7 }),
    minSessions: whole('Sessions on either side before anything is decided.', { min: 20, max: 100_000, default: 50 }),
  }),
});
