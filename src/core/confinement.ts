import type { Hosting } from './api.ts';

/** Where a call may go that must not leave the building. Set by a guard; a copy of the scope keeps it. */
export interface Confinement {
  /** The label that asks for it. */
  readonly label: string;
  readonly hosting: readonly Hosting[];
  /** Providers by name that are allowed wherever they run. */
  readonly providers: readonly string[];
}

/** Whether a place is allowed. One whose hosting nobody knows is not. */
export const isWithin = (
  { hosting, providers }: Confinement,
  place: { readonly provider: string; readonly hosting: Hosting | undefined },
): boolean => providers.includes(place.provider) || (place.hosting !== undefined && hosting.includes(place.hosting));

/** Says what to do about it. */
export const confinedMessage = ({ label }: Confinement): string =>
  `the call is labelled "${label}" and may go to local providers only, and none of those it could go to is one; ` +
  'give the model a self-hosted target or fallback, or name the provider in sensitivity.localProviders';
