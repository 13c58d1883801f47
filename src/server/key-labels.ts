import type { Labels } from '../core/record.ts';
import type { VirtualKey } from '../core/stores.ts';

/** Labels of a call under a key: its team and user always, its app and feature where the call names none. */
export function keyLabels(labels: Labels, { labels: own }: VirtualKey): Labels {
  const { team, user, app, feature } = own;
  return {
    ...labels,
    ...(team !== undefined && { team }),
    ...(user !== undefined && { user }),
    ...(app !== undefined && labels.app === undefined && { app }),
    ...(feature !== undefined && labels.feature === undefined && { feature }),
  };
}
