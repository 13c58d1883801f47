import type { Fault } from './checks.ts';
import type { ParsedConfig } from './schema.ts';

/** Alerts must go to channels there are, and speak of budgets there are. */
export function alertFaults({ alerts, alerting, channels, budgets }: ParsedConfig): readonly Fault[] {
  const unknownIn = (to: readonly string[]): number => to.findIndex((name) => name !== 'log' && !Object.hasOwn(channels, name));
  const ofAlerts = alerts.flatMap(({ to, when }, index) => {
    const unknown = unknownIn(to);
    const missing = when.budget && when.budget.name !== '*' && !when.budget.name.startsWith('key-') && !budgets.some(({ name }) => name === when.budget!.name); // prettier-ignore
    return [
      ...(unknown === -1 ? [] : [{ path: ['alerts', index, 'to', unknown], problem: `there is no channel "${to[unknown]}"`, fix: 'add it under `channels`, or take `log`' }]), // prettier-ignore
      ...(missing ? [{ path: ['alerts', index, 'when', 'budget', 'name'], problem: `there is no budget "${when.budget.name}"`, fix: 'add it under `budgets`, or take `*`' }] : []), // prettier-ignore
    ];
  });
  const unknown = unknownIn(alerting.to);
  if (unknown === -1) return ofAlerts;
  return [...ofAlerts, { path: ['alerting', 'to', unknown], problem: `there is no channel "${alerting.to[unknown]}"`, fix: 'add it under `channels`, or take `log`' }]; // prettier-ignore
}
