/**
 * What is done about a label. `allow`: nothing. `redact-in-storage`: stored bodies only. `mask`: values are replaced on their way to the provider
 * and put back in the reply. `local-only`: no provider elsewhere gets the call. `refuse`: nobody does.
 */
export const policies = ['allow', 'redact-in-storage', 'mask', 'local-only', 'refuse'] as const;
export type Policy = (typeof policies)[number];

export interface Label {
  readonly name: string;
  readonly policy: Policy;
  /** In place of `policy`, by app and by the model the client asks for; a model wins over an app. */
  readonly apps: Readonly<Record<string, Policy>>;
  readonly models: Readonly<Record<string, Policy>>;
}

export function policyOf({ policy, apps, models }: Label, app: string | undefined, model: string): Policy {
  if (Object.hasOwn(models, model)) return models[model]!;
  return app !== undefined && Object.hasOwn(apps, app) ? apps[app]! : policy;
}
